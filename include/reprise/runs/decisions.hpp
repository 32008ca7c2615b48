#pragma once

#include "reprise/base/error.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <string>

namespace reprise::store {
class transaction;
}

// What people decide about what waits at the gate. Everything that belongs to a decision (the
// approval, its run, its incident, the audit row and the preference record of a rejection) is
// written in the caller's transaction: all of it or none.
namespace reprise::runs {

struct decision_request {
    std::string approval_id;
    model::person person;      // Who is signed in; roles as they are now.
    std::string auth;          // "session"; tokens and agents are refused whatever they say.
    model::decision_kind kind = model::decision_kind::approve;
    std::string comment;       // Required for reject and request_changes.
    std::string content_hash;  // What the person saw; another hash than the approval's is refused.
    std::string confirm;       // CRITICAL: the first eight digits of the hash.
    std::string request_id;    // For the audit row.
};

struct decision_answer {
    model::approval approval;
    model::run run;
    model::incident incident;
};

// Errors: reprise::errc::not_found, and lifecycle's codes for each refusal.
result<decision_answer> decide_approval(
    store::transaction& tx, const decision_request& request, const lifecycle::approval_policy& policy,
    std::int64_t now_ns
);

// Lets pending approvals expire and approved ones lapse; their runs end and their incidents wait for
// people. Returns how many. Expiry never releases.
result<std::uint32_t> expire_approvals(
    store::transaction& tx, const lifecycle::approval_policy& policy, std::int64_t now_ns
);

}  // namespace reprise::runs
