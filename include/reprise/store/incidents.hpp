#pragma once

#include "reprise/model/incident.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Rows only: which change is allowed is decided by the caller (lifecycle).
namespace reprise::store {

struct incident_filter {
    std::optional<model::incident_status> status;
    std::optional<model::severity> severity;
    std::string service;      // Empty: any.
    bool open = false;        // Only those somebody or something still works on.
    std::optional<bool> snoozed;             // Only those that are, or are not, snoozed at now_ns.
    std::int64_t now_ns = 0;
    std::optional<std::string> assigned_to;  // A person's name; empty: only those that are nobody's.
    std::int64_t opened_from_ns = 0;         // Opened at or after, to the millisecond; 0: any.
    std::int64_t opened_to_ns = 0;           // Opened before; 0: any.
    std::string after;        // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

constexpr std::size_t incidents_listed_max = 500;
constexpr std::size_t timeline_listed_max = 1000;

// Not resolved, wontfix, noise, duplicate or rejected.
bool is_open(model::incident_status status) noexcept;

// `event` is the timeline row of the creation: actor, to, why, at_ns; its incident_id and sequence are
// filled here.
result<void> insert_incident(transaction& tx, const model::incident& incident, model::incident_event event);

// Compare and set: errc::stale when the stored version is not `expected_version`, errc::not_found.
// The version becomes expected_version + 1, in `incident` too. With an event, one more timeline row;
// without (counts grew, no transition), none.
result<void> save_incident(
    transaction& tx, model::incident& incident, std::int64_t expected_version, model::incident_event event
);
result<void> save_incident(transaction& tx, model::incident& incident, std::int64_t expected_version);

result<std::optional<model::incident>> find_incident(const reader& from, std::string_view id);
// Newest first.
result<std::vector<model::incident>> list_incidents(const reader& from, const incident_filter& filter);
// The open ones that matter most and are not snoozed: severity, then the newest.
result<std::vector<model::incident>> list_worst_incidents(
    const reader& from, std::int64_t now_ns, std::size_t limit
);
// Snoozed ones whose time is up, the first first.
result<std::vector<model::incident>> list_passed_snoozes(const reader& from, std::int64_t now_ns, std::size_t limit);
// How many there are of each status that there is.
result<std::vector<std::pair<model::incident_status, std::uint64_t>>> count_incidents_by_status(const reader& from);
// Oldest first, after a sequence number (0: from the start).
result<std::vector<model::incident_event>> list_timeline(
    const reader& from, std::string_view incident_id, std::int64_t after, std::size_t limit
);

// An incident may carry several fingerprints; a fingerprint has at most one incident that carries it
// actively. The row stays active whatever the incident's status is (a resolved one is reopened, not
// doubled) until it is released, by merging for instance.
result<std::optional<model::incident>> find_incident_by_fingerprint(const reader& from, std::string_view fingerprint);
// The newest that ever carried it, active or released.
result<std::optional<model::incident>> find_latest_by_fingerprint(const reader& from, std::string_view fingerprint);
// Attaching again to the same incident changes nothing; errc::conflict when another carries it.
result<void> attach_fingerprint(
    transaction& tx, std::string_view fingerprint, std::string_view incident_id, std::int64_t now_ns
);
result<void> release_fingerprint(transaction& tx, std::string_view fingerprint);
result<std::vector<std::string>> list_fingerprints(const reader& from, std::string_view incident_id, std::size_t limit);

// Once per event: true the first time this key comes, false for every repetition. `event_key` names
// what happened independently of its source, "<fingerprint>/<window start>" for a signal. The caller
// adds to `occurrences` and saves.
result<bool> record_occurrence(
    transaction& tx, std::string_view event_key, std::string_view incident_id, std::int64_t now_ns
);
// Forgets keys recorded before `before_ns`, at most `delete_max`.
result<std::uint64_t> prune_occurrences(transaction& tx, std::int64_t before_ns, std::uint64_t delete_max = 10'000);

}  // namespace reprise::store
