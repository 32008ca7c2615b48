#pragma once

#include "reprise/model/alarm.hpp"
#include "reprise/store/transaction.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Alarms as they were taken in, what became of each, and how often. Rows only: what an alarm becomes is decided by
// the caller (pipeline).
namespace reprise::store {

enum class alarm_fate : std::uint8_t {
    opened,               // A new incident.
    counted,              // One more occurrence of an incident that was known.
    held,                 // Waits for a person: intake.require_event_approval.
    ignored_non_alarm,    // The source says that it is over, or says nothing. Noted at its incident.
    stale,                // Too old when it came. Kept and counted, opens nothing.
    dismissed_signature,  // A person dismissed events like it.
    duplicate_event,      // The same event came before. Never stored twice.
};
constexpr std::size_t alarm_fates = 7;

// How the incident of a counted alarm was found.
enum class dedup_layer : std::uint8_t {
    none,         // It was not: the alarm opened one, or opened nothing.
    fingerprint,  // The same identity.
    exact,        // Equal service, error type and description with its numbers masked.
    lexical,      // So alike that it is the same.
    correlated,   // Signals of the same service at the same time.
};

// Keys of the totals that GET /reports/dedup shows beside the fates.
constexpr std::array<std::string_view, 6> dedup_names = {
    "sql_dedup",     // Layer 1 blocked: counted on a live incident with the equal key.
    "regression",    // Layer 2: a resolved incident with the equal key was noted.
    "lexical",       // Layer 3 found something alike, block or hint.
    "hard_block",    // Layer 3 blocked.
    "correlated",    // Joined the signals of the same time.
    "cold_start",    // Opened an incident, and nothing like it was known.
};

struct stored_alarm {
    model::alarm alarm;           // Cut and redacted.
    std::string fingerprint;      // 64 hex digits.
    std::string signature;        // Content signature, in clear.
    model::handling_class handling = model::handling_class::unknown;
    std::string handling_text;    // The piece of text that decided, redacted.
    alarm_fate fate = alarm_fate::opened;
    dedup_layer layer = dedup_layer::none;
    std::string incident_id;
    std::string event_id;         // The held event.
};

struct alarm_filter {
    std::optional<alarm_fate> fate;
    std::string service;
    std::string source;
    std::string incident_id;
    std::string after;            // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

constexpr std::size_t alarms_listed_max = 500;
constexpr std::int64_t alarms_kept_max = 20'000;        // The newest; older rows go, their totals stay.
constexpr std::int64_t alarm_keys_kept_max = 200'000;   // Events that are recognised when they come again.
constexpr std::int64_t alarm_days_kept_max = 400;       // Of totals.

// Who came with this key first: empty when nobody did; then `alarm_id` is remembered for it.
result<std::string> claim_alarm_key(
    transaction& tx, std::string_view source, std::string_view event_key, std::string_view alarm_id
);

result<void> insert_alarm(transaction& tx, const stored_alarm& alarm);

// What the alarms of a held event became.
result<void> settle_held_alarms(
    transaction& tx, std::string_view event_id, alarm_fate fate, dedup_layer layer, std::string_view incident_id
);

// What a stale one became after all. errc::conflict unless it is stale.
result<void> settle_stale_alarm(
    transaction& tx, std::string_view id, alarm_fate fate, dedup_layer layer, std::string_view incident_id
);

result<std::optional<stored_alarm>> find_alarm(const reader& from, std::string_view id);
// The newest of one source with this group key that has an incident.
result<std::optional<stored_alarm>> find_alarm_of_group(
    const reader& from, std::string_view source, std::string_view group_key
);
// The oldest of a held event.
result<std::optional<stored_alarm>> find_alarm_of_event(const reader& from, std::string_view event_id);
// Newest first.
result<std::vector<stored_alarm>> list_alarms(const reader& from, const alarm_filter& filter);

// Totals per UTC day. Names: "fate.<fate>" and dedup_names.
result<void> add_alarm_total(transaction& tx, std::string_view name, std::int64_t now_ns);

struct alarm_total {
    std::string name;
    std::uint64_t count = 0;
};
// Since the beginning of the day of `since_ns`, by name.
result<std::vector<alarm_total>> list_alarm_totals(const reader& from, std::int64_t since_ns);

// ------------------------------------------------------------------------------------ the gate before the pipeline

enum class event_state : std::uint8_t { pending, approved, dismissed };

// Alarms of one signature that wait for a person.
struct held_event {
    std::string id;               // ULID.
    std::string signature;
    std::string service;
    std::string error_type;
    std::string title;
    std::string source;           // Of the first.
    model::handling_class handling = model::handling_class::unknown;
    std::string handling_text;
    event_state state = event_state::pending;
    std::uint64_t occurrences = 1;
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::string incident_id;      // Once approved.
    std::string decided_by;       // "user:<name>".
    std::optional<std::int64_t> decided_ns;
    std::int64_t version = 1;
};

constexpr std::size_t held_events_max = 1'000;     // Pending; more answers errc::unavailable.
constexpr std::size_t held_events_listed_max = 500;
constexpr std::int64_t held_events_kept_max = 10'000;  // Decided ones included.

// errc::unavailable when held_events_max wait already.
result<void> insert_held_event(transaction& tx, const held_event& event);
// Compare and set, as with incidents.
result<void> save_held_event(transaction& tx, held_event& event, std::int64_t expected_version);
result<std::optional<held_event>> find_held_event(const reader& from, std::string_view id);
result<std::optional<held_event>> find_pending_event(const reader& from, std::string_view signature);
// Newest first.
result<std::vector<held_event>> list_held_events(
    const reader& from, std::optional<event_state> state, std::string_view after, std::size_t limit
);

// Those that wait, the longest first.
result<std::vector<held_event>> list_oldest_pending(const reader& from, std::size_t limit);

// A signature whose events are dropped until a person lifts it.
struct event_dismissal {
    std::string id;               // ULID.
    std::string signature;
    std::string service;
    std::string error_type;
    std::string title;
    std::string dismissed_by;
    std::int64_t dismissed_ns = 0;
    std::uint64_t dropped = 0;    // Events since.
};

constexpr std::size_t event_dismissals_max = 1'000;  // More answers errc::unavailable.

result<void> insert_dismissal(transaction& tx, const event_dismissal& dismissal);
// One more dropped: whether the signature is dismissed.
result<bool> count_dismissed(transaction& tx, std::string_view signature);
result<std::optional<event_dismissal>> find_dismissal(const reader& from, std::string_view id);
result<std::vector<event_dismissal>> list_dismissals(const reader& from, std::string_view after, std::size_t limit);
// errc::not_found.
result<void> delete_dismissal(transaction& tx, std::string_view id);

std::string_view to_text(alarm_fate value) noexcept;
std::string_view to_text(dedup_layer value) noexcept;
std::string_view to_text(event_state value) noexcept;
std::optional<alarm_fate> find_alarm_fate(std::string_view text) noexcept;
std::optional<dedup_layer> find_dedup_layer(std::string_view text) noexcept;
std::optional<event_state> find_event_state(std::string_view text) noexcept;

}  // namespace reprise::store
