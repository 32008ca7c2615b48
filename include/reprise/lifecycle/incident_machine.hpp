#pragma once

#include "reprise/lifecycle/error.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The life of an incident as one table. Pure functions over values: nothing here reads a clock, a
// database or a setting. The caller stores what comes back, compare-and-set on `version`, together
// with the event, in one transaction.
namespace reprise::lifecycle {

constexpr std::int64_t reopen_after_ns = 24LL * 3600 * 1'000'000'000;
// Of detected: the run that would begin the work is paused.
constexpr std::string_view phase_held = "held";
constexpr std::uint64_t noise_growth = 10;  // Noise that grew this much is looked at again.

// Who or what moves the incident. An edge is open only for the causes it lists.
enum class change_cause : std::uint8_t {
    work,        // A step ended, or gave up.
    person,      // A person's own action: retry, skip, resolve, merge, overrule.
    gate,        // The gate decided: people approved or rejected, or the risk passed by itself.
    policy,      // Reproduction is skipped by policy.
    seen_again,  // An occurrence reopens it.
    replay,      // A dead-lettered run is replayed and gets back the status it was leased in.
};

// Who must act while an incident is in a phase. No phase is without one.
enum class phase_owner : std::uint8_t {
    lease,   // A worker, or the queue that hands it out.
    timer,   // A deadline moves it.
    person,  // A person's inbox; an approval there also expires.
    nobody,  // Terminal: only a person or a new occurrence moves it.
};

struct incident_phase {
    model::incident_status status;
    std::string_view name;  // Empty in the statuses that have no phases.
    phase_owner owner;
};

struct incident_edge {
    model::incident_status from;
    model::incident_status to;
    std::uint8_t causes;  // Bit per change_cause.

    bool open_for(change_cause cause) const noexcept { return (causes >> static_cast<unsigned>(cause) & 1U) != 0; }
};

// A reason code of needs_human with what it means and the way out, for people.
struct human_reason {
    std::string_view code;
    std::string_view meaning;
    std::string_view way_out;
};

std::span<const incident_phase> incident_phases() noexcept;
std::span<const incident_edge> incident_edges() noexcept;
// not_reproduced, flaky, inconclusive, no_target, no_evidence, approval_expired, approval_lapsed,
// changes_requested, stopped, cancelled, publish_failed, dead_letter, low_confidence, ungrounded,
// fix_exhausted, baseline_red, blast_radius, dod_failed, eval_failed, verify_failed, pr_closed.
std::span<const human_reason> human_reasons() noexcept;
std::optional<human_reason> find_reason(std::string_view code) noexcept;

// resolved, wontfix, noise, duplicate, rejected.
bool is_terminal(model::incident_status status) noexcept;

struct incident_change {
    model::incident_status to = model::incident_status::detected;
    std::string phase;   // Empty: the first phase of `to`.
    std::string reason;  // A code of human_reasons(), for needs_human only; ignored elsewhere.
    change_cause cause = change_cause::work;
    std::string actor;   // "pipeline", "run:<id>", "user:<name>".
    std::string why;     // One sentence for the timeline.
    std::int64_t now_ns = 0;
    std::optional<std::int64_t> expected_version;  // Another one is reprise::errc::stale.
};

struct changed_incident {
    model::incident incident;     // version + 1.
    model::incident_event event;  // sequence is the store's.
};

// A move along an edge, or to another phase (or reason) inside a status that is not terminal. The same
// status, phase and reason again is illegal_transition, too: nothing would change. Entering detected
// by retry or reopening adds a generation; a replay does not.
// Errors: reprise::errc::stale, illegal_transition, unknown_phase, reason_required, unknown_reason.
result<changed_incident> apply(const model::incident& incident, const incident_change& change);

// What a person may do next.
enum class person_action : std::uint8_t {
    retry,      // Back to detected with the next generation.
    skip,       // wontfix.
    resolve,
    reproduce,  // Retry for an incident that waits for a person, after a target was added, say.
    publish,    // "Publish anyway": from needs_human, at one level more risk, through the gate.
};

std::vector<person_action> allowed_actions(const model::incident& incident);
bool is_allowed(const model::incident& incident, person_action action);
std::string_view to_text(person_action value) noexcept;
std::optional<person_action> find_person_action(std::string_view text) noexcept;

enum class occurrence_rule : std::uint8_t {
    create,      // Nothing known by this fingerprint: new incident, enqueue work.
    reopen,      // Resolved strictly more than 24 h ago: next generation, enqueue work.
    recurred,    // Resolved at most 24 h ago: count, flag, a running verification has failed.
    reclassify,  // Noise that grew tenfold: next generation, enqueue work.
    count,       // Everything else: count only.
};

// `known` is the newest incident with the fingerprint, nullptr when there is none.
// `noise_occurrences` is its count when it became noise (0: not known, never reclassified).
occurrence_rule find_occurrence_rule(
    const model::incident* known, std::int64_t seen_ns, std::uint64_t added = 1, std::uint64_t noise_occurrences = 0
);

struct occurrence {
    std::int64_t seen_ns = 0;
    std::uint64_t added = 1;  // Occurrences this event stands for; call once per event.
    std::int64_t now_ns = 0;
    std::string actor;
    std::string why;          // For the timeline when it reopens or recurs.
    std::uint64_t noise_occurrences = 0;
};

struct counted_incident {
    model::incident incident;                    // version + 1.
    std::optional<model::incident_event> event;  // When it reopened, or recurred for the first time.
    occurrence_rule rule = occurrence_rule::count;
    bool enqueue_work = false;
};

// For an incident that exists; rule create is the caller's to carry out.
counted_incident count_occurrence(const model::incident& incident, const occurrence& seen);

// Why the finished work of `run` must be thrown away: the incident is at another generation, or its
// status moved to where this kind of work is not awaited. Empty when it counts.
std::optional<std::string> find_discard_reason(const model::incident& incident, const model::run& run);

// The run was dead-lettered: needs_human(dead_letter), in the same transaction. Empty when the work
// would be discarded anyway, so that the incident stays as it is.
std::optional<changed_incident> dead_letter(
    const model::incident& incident, const model::run& run, std::int64_t now_ns
);

// The run is replayed: back to where it was, in the same generation. `event` is the one dead_letter()
// made. Errors: illegal_transition when the incident does not wait for exactly this run, corrupt for
// an event that names no place.
result<changed_incident> restore_after_dead_letter(
    const model::incident& incident, const model::run& run, const model::incident_event& event,
    std::string_view actor, std::int64_t now_ns
);

// "reproducing/running", "needs_human(no_target)", "resolved": how events name a place.
std::string place_text(model::incident_status status, std::string_view phase, std::string_view reason);

}  // namespace reprise::lifecycle
