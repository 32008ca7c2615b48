#pragma once

#include "reprise/base/error.hpp"
#include "reprise/lifecycle/snooze.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reprise::store {
class transaction;
}

// Putting off and handing over, by people. Written with its audit row in the caller's transaction; an error leaves
// nothing when the caller gives the transaction up.
namespace reprise::runs {

struct care_request {
    std::string id;            // Of the approval or the incident.
    model::person person;      // Who asks; what they may is the caller's rule.
    std::optional<std::int64_t> expected_version;  // Of the incident: If-Match; errc::stale when it is not current.
    std::string request_id;
    std::string auth = "session";  // "token:<id>" for an API token.
};

// Out of this person's sight, and nobody else's. Errors: errc::not_found, and plan_snooze's.
result<lifecycle::snooze_plan> snooze_approval(
    store::transaction& tx, const care_request& request, std::int64_t until_ns, std::int64_t now_ns
);
// errc::not_found when there is none.
result<void> end_approval_snooze(store::transaction& tx, const care_request& request, std::int64_t now_ns);

// Out of everybody's list. Errors: errc::not_found, errc::stale, and lifecycle's.
result<model::incident> snooze_incident(
    store::transaction& tx, const care_request& request, std::int64_t until_ns, const std::string& reason,
    std::int64_t now_ns
);
result<model::incident> end_incident_snooze(
    store::transaction& tx, const care_request& request, std::int64_t now_ns
);

// `assignee` names a person who may act on incidents; empty takes it back. Errors as above, and
// errc::invalid_argument for a name of nobody who may.
result<model::incident> assign_incident(
    store::transaction& tx, const care_request& request, const std::string& assignee, std::int64_t now_ns
);

// What time does: incidents whose snooze is over come back, with their line in the timeline; at most `limit`. How many
// did.
result<std::size_t> end_passed_snoozes(store::transaction& tx, std::int64_t now_ns, std::size_t limit);

}  // namespace reprise::runs
