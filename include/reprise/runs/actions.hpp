#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::store {
class transaction;
}

// What people do to incidents and runs. Written with its audit row in the caller's transaction; an error leaves nothing
// when the caller gives the transaction up.
namespace reprise::runs {

enum class incident_action {
    retry,      // Back to detected, generation + 1, and the reproduce run again.
    skip,       // wontfix.
    resolve,    // resolved by a person.
    reproduce,  // A reproduce run now (after a target was added, say): like retry.
    publish,    // "Publish anyway": a publish run at risk + 1, which waits at the gate.
};

struct incident_request {
    std::string incident_id;
    incident_action action = incident_action::retry;
    model::person person;
    std::string comment;
    std::optional<std::int64_t> expected_version;  // If-Match; errc::stale when it is not current.
    std::string request_id;
    std::string auth = "session";  // "token:<id>" for an API token.
};

// Errors: reprise::errc::not_found, reprise::errc::stale, lifecycle's illegal_transition.
result<model::incident> act_on_incident(
    store::transaction& tx, const incident_request& request, std::int64_t now_ns
);

std::optional<incident_action> find_incident_action(std::string_view text) noexcept;

enum class run_action {
    cancel,      // In every state that is not final. A worker of this process stops at once, others at their heartbeat.
    pause,       // In the queue or at work; a worker stops as for cancel.
    resume,      // What a person or a breaker paused.
    prioritise,  // While it waits.
    retry,       // A dead letter back to the queue, or a finished run once more as a new one; from a step on.
    replay,      // A dead letter back to the queue, and nothing else.
    discard,     // A dead letter put away for good; says why.
};

struct run_request {
    std::string run_id;
    run_action action = run_action::cancel;
    std::string actor;          // "user:<name>"; "cli" for the command line, which nobody signed in to.
    std::string comment;
    std::string from_step;      // retry, replay: checkpoints from this one on are dropped; empty: none is.
    std::int64_t priority = 0;  // prioritise.
    std::string request_id;
    std::string auth = "session";  // "token:<id>" for an API token.
};

// The run as it is then; for the retry of a finished run the new one. Errors: reprise::errc::not_found; lifecycle's
// illegal_transition, unknown_step, not_awaited, active_run, comment_required; reprise::errc::invalid_argument for a
// priority that is none.
result<model::run> act_on_run(store::transaction& tx, const run_request& request, std::int64_t now_ns);

// A reproduce run by hand: what act_on_incident(reproduce) does, for people who think of runs.
struct run_start {
    std::string incident_id;
    model::person person;
    std::string comment;
    std::optional<std::int64_t> priority;  // Empty: that of people's runs.
    std::string request_id;
    std::string auth = "session";  // "token:<id>" for an API token.
};

// Errors: reprise::errc::not_found, lifecycle's active_run and illegal_transition.
result<model::run> start_reproduce(store::transaction& tx, const run_start& request, std::int64_t now_ns);

}  // namespace reprise::runs
