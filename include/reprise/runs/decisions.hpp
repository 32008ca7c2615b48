#pragma once

#include "reprise/base/error.hpp"
#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"
#include "reprise/runs/notice.hpp"
#include "reprise/store/approvals.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::store {
class transaction;
}

// What people decide about what waits at the gate. Everything that belongs to a decision (the
// approval, its run, its incident, the audit row, the preference record and the notice) is written in
// the caller's transaction: all of it or none.
namespace reprise::runs {

struct decision_request {
    std::string approval_id;
    model::person person;      // Who is signed in; roles as they are now.
    std::string auth;          // "session"; tokens and agents are refused whatever they say.
    std::int64_t authenticated_ns = 0;  // When the session last proved who it is.
    model::decision_kind kind = model::decision_kind::approve;
    std::string comment;       // Required for reject and request_changes.
    std::string content_hash;  // What the person saw; another hash than the approval's is refused.
    std::string confirm;       // CRITICAL: the first eight digits of the hash.
    std::string failure_layer; // Of a rejection, see preferences.hpp; may be empty.
    std::string link_id;       // When they came by a link; for the audit row.
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
    std::int64_t now_ns, notice_sink* notices = nullptr
);

struct sweep_report {
    std::uint32_t ended = 0;     // Expired, lapsed, or sent back and edited by nobody.
    std::uint32_t voided = 0;    // What they were asked on moved; they are asked again.
    std::uint32_t reminded = 0;
    std::vector<store::approval_count> counts;
    std::optional<std::int64_t> oldest_pending_ns;
};

// What time does: pending approvals expire and approved ones lapse (their runs end, their incidents wait for
// people; expiry never releases), what moved under a pending one voids it, people are reminded once at 50 % and
// once at 90 % of the time. Incidents whose snooze is over come back.
result<sweep_report> sweep_approvals(
    store::transaction& tx, const lifecycle::approval_policy& policy, std::int64_t now_ns,
    notice_sink* notices = nullptr
);

}  // namespace reprise::runs
