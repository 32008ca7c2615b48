#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string_view>

// Incidents and approvals in agent-platform's words: docs/compatibility.md.
namespace reprise::http {

// From status, phase and reason: "open", "triaging", "diagnosing", "fixing", "awaiting_fix_approval", "reviewing",
// "awaiting_approval", "resolved", "rejected", "noise", "duplicate", "verification_failed", "fix_failed".
std::string_view platform_status(const model::incident& incident) noexcept;
bool is_active_there(std::string_view platform_status) noexcept;

// "pending", "approved", "rejected", "auto_approved", "expired".
std::string_view platform_approval_status(const model::approval& approval, bool decided_by_people) noexcept;

// "P0" for critical to "P3" for low.
std::string_view platform_severity(model::severity severity) noexcept;

result<boost::json::object> load_platform_incident(
    const store::reader& from, const model::incident& incident, std::int64_t now_ns
);
result<boost::json::object> load_platform_approval(const store::reader& from, const model::approval& approval);

}  // namespace reprise::http
