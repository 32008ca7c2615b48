#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/lifecycle/breaker.hpp"
#include "reprise/model/alarm.hpp"
#include "reprise/store/alarms.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What an alarm becomes: an incident, one more sighting of one, an event that waits for a person, or a row that
// says why it was dropped. Everything an alarm changes is written in the caller's transaction, so that a hook's
// delivery, its alarm and its incident are kept together or not at all.
//
// In this order: events seen before; what says nothing new is wrong; events too old; signatures that a person
// dismissed; then the incident it is about (docs/alarms.md): by fingerprint, by equal service, error type and
// description, by likeness, by the signals of the same time; then the gate before new work. The live store alone
// decides whether an incident blocks: what the index found is read again in the same transaction.
namespace reprise::store {
class transaction;
}

namespace reprise::pipeline {

constexpr std::int64_t alarm_stale_after_ns = 30LL * 60 * 1'000'000'000;
constexpr std::int64_t alarm_evidence_wait_ns = 3LL * 60 * 1'000'000'000;

struct alarm_policy {
    std::int64_t stale_after_ns = alarm_stale_after_ns;      // By the source's clock; 0 there: never stale.
    // An incident that an alarm opened waits this long for captured traffic, then for a person.
    std::int64_t evidence_wait_ns = alarm_evidence_wait_ns;
    bool require_event_approval = false;  // intake.require_event_approval; crashes pass.
    std::uint32_t reproduce_attempts_max = 4;
    lifecycle::breaker_limits breakers;   // For the runs of incidents that an alarm reopens.
    std::string redaction_key;            // Texts are redacted with it before anything is stored.

    alarm_policy() = default;  // Coroutines take it by value.
};

// What became of one alarm. The words of `to_text(fate)` are the answers of hooks and of POST /events.
struct alarm_outcome {
    store::alarm_fate fate = store::alarm_fate::opened;
    std::string alarm_id;         // The stored alarm; of a duplicate event the first one's.
    std::string incident_id;      // Where it counts: opened and counted; also a noted all-clear.
    std::string event_id;         // Held: the event that waits; one per signature.
    bool is_new = false;          // An incident or a waiting event was made for it.
    std::uint64_t occurrences = 0;  // Of the incident or the waiting event, this one included.
    model::handling_class handling = model::handling_class::unknown;
    store::dedup_layer layer = store::dedup_layer::none;  // How the incident was found.
    bool regression_hint = false;   // A resolved incident had the same key.
    bool similar_hint = false;      // A past incident is alike.
    std::uint32_t runs_queued = 0;
};

// Takes in one alarm. `alarm.id` may be empty: it gets one. Texts are cut to the limits of model/alarm.hpp and
// redacted here; the caller passes them as they came. A duplicate (source, event_key) changes nothing.
// `occurrences`: how many events it stands for.
// Errors: errc::invalid_argument without a source or an event_key, errc::unavailable when
// store::held_events_max events wait for approval already (let the sender try again), and the store's.
result<alarm_outcome> accept_alarm(
    store::transaction& tx, const model::alarm& alarm, const alarm_policy& policy, std::int64_t now_ns,
    std::uint64_t occurrences = 1
);

// A person lets a waiting event into the pipeline, or drops it and every later one of its signature.
// Errors: errc::not_found, errc::conflict when it was decided already.
result<alarm_outcome> approve_event(
    store::transaction& tx, std::string_view event_id, std::string_view actor, const alarm_policy& policy,
    std::int64_t now_ns
);
result<store::event_dismissal> dismiss_event(
    store::transaction& tx, std::string_view event_id, std::string_view actor, std::int64_t now_ns
);

// A person takes a stale alarm in after all. Errors: errc::not_found, errc::conflict when it is not stale.
result<alarm_outcome> restart_alarm(
    store::transaction& tx, std::string_view alarm_id, std::string_view actor, const alarm_policy& policy,
    std::int64_t now_ns
);

// Incidents that waited for evidence long enough go to needs_human(no_evidence), at most a hundred a call. Returns
// how many.
result<std::size_t> settle_waiting_incidents(store::transaction& tx, const alarm_policy& policy, std::int64_t now_ns);

// Counts outcomes once they are committed. Any thread.
class alarm_counters {
public:
    explicit alarm_counters(metrics& numbers);

    void add(const alarm_outcome& outcome) noexcept;

private:
    std::array<counter*, store::alarm_fates> fates_{};
    std::array<counter*, store::dedup_names.size()> dedup_{};
};

}  // namespace reprise::pipeline
