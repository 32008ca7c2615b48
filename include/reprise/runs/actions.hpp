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

// What people do to incidents and runs. Written with its audit row in the caller's transaction.
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
};

// Errors: reprise::errc::not_found, reprise::errc::stale, lifecycle's illegal_transition.
result<model::incident> act_on_incident(
    store::transaction& tx, const incident_request& request, std::int64_t now_ns
);

std::optional<incident_action> find_incident_action(std::string_view text) noexcept;

enum class run_action {
    cancel,  // In every state that is not final. A leased worker learns it at its next write.
    retry,   // A dead letter back to the queue.
};

struct run_request {
    std::string run_id;
    run_action action = run_action::cancel;
    model::person person;
    std::string comment;
    std::string request_id;
};

result<model::run> act_on_run(store::transaction& tx, const run_request& request, std::int64_t now_ns);

}  // namespace reprise::runs
