#include "agent_platform_view.hpp"

#include "json_text.hpp"

#include "reprise/store/alarms.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/publications.hpp"

#include <algorithm>
#include <array>

namespace json = boost::json;

namespace reprise::http {
namespace {

using enum model::incident_status;

constexpr std::array<std::string_view, 4> fix_failures = {
    "fix_exhausted", "eval_failed", "blast_radius", "baseline_red",
};
constexpr std::array<std::string_view, 2> verification_failures = {"dod_failed", "verify_failed"};
constexpr std::array<std::string_view, 6> active = {
    "open", "triaging", "diagnosing", "fixing", "awaiting_fix_approval", "reviewing",
};

template <std::size_t Count>
bool has_text(const std::array<std::string_view, Count>& list, std::string_view text) noexcept
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string_view status_in_fixing(std::string_view phase) noexcept
{
    if (phase == "awaiting_approval")
        return "awaiting_fix_approval";
    return phase == "self_review" ? "reviewing" : "fixing";
}

std::string_view status_in_needs_human(std::string_view reason) noexcept
{
    if (has_text(fix_failures, reason))
        return "fix_failed";
    return has_text(verification_failures, reason) ? "verification_failed" : "awaiting_approval";
}

// What was told of it first, or its title when only traffic tells.
result<void> add_subject(json::object& out, const store::reader& from, const model::incident& incident)
{
    store::alarm_filter filter;
    filter.incident_id = incident.id;
    filter.limit = 1;
    const auto alarms = store::list_alarms(from, filter);
    if (!alarms)
        return alarms.error();
    out["description"] = incident.explanation;
    out["error_type"] = nullptr;
    out["source"] = "application";
    if (alarms->empty())
        return {};
    const model::alarm& alarm = alarms->front().alarm;
    if (!alarm.description.empty())
        out["description"] = alarm.description;
    out["error_type"] = alarm.error_type;
    out["source"] = alarm.source == "sns" ? "cloudwatch" : "application";
    return {};
}

result<void> add_effects(json::object& out, const store::reader& from, const std::string& incident_id)
{
    constexpr std::size_t looked_at = 20;
    const auto publications = store::list_incident_publications(from, incident_id, looked_at);
    if (!publications)
        return publications.error();
    out["pr_url"] = nullptr;
    out["issue_url"] = nullptr;
    for (const store::publication& each : *publications) {
        if (each.url.empty())
            continue;
        const std::string_view place = each.kind.find("pull") != std::string::npos ? "pr_url" : "issue_url";
        if (out[place].is_null())
            out[place] = each.url;
    }
    const auto approval = store::find_approval_by_incident(from, incident_id);
    if (!approval)
        return approval.error();
    out["approval_id"] = nullptr;
    if (*approval)
        out["approval_id"] = (*approval)->id;
    return {};
}

std::int64_t seconds(std::int64_t ns)
{
    return ns / 1'000'000'000;
}

}  // namespace

std::string_view platform_status(const model::incident& incident) noexcept
{
    switch (incident.status) {
    case detected: return incident.phase == "classifying" ? "triaging" : "open";
    case reproducing: return "triaging";
    case reproduced: return incident.phase == "awaiting_approval" ? "awaiting_approval" : "triaging";
    case diagnosing:
    case diagnosed: return "diagnosing";
    case fixing: return status_in_fixing(incident.phase);
    case submitted: return "awaiting_approval";
    case resolved: return "resolved";
    case needs_human: return status_in_needs_human(incident.reason);
    case noise: return "noise";
    case duplicate: return "duplicate";
    case wontfix:
    case rejected: return "rejected";
    }
    return "open";
}

bool is_active_there(std::string_view status) noexcept
{
    return has_text(active, status) || status == "awaiting_approval";
}

std::string_view platform_approval_status(const model::approval& approval, bool decided_by_people) noexcept
{
    switch (approval.state) {
    case model::approval_state::pending: return "pending";
    case model::approval_state::approved:
    case model::approval_state::executed: return decided_by_people ? "approved" : "auto_approved";
    case model::approval_state::expired:
    case model::approval_state::lapsed: return "expired";
    default: return "rejected";
    }
}

std::string_view platform_severity(model::severity severity) noexcept
{
    constexpr std::array<std::string_view, 4> names = {"P3", "P2", "P1", "P0"};
    return names[static_cast<std::size_t>(severity)];
}

result<json::object> load_platform_incident(
    const store::reader& from, const model::incident& incident, std::int64_t now_ns
)
{
    json::object out;
    out["id"] = incident.id;
    out["title"] = incident.title;
    out["service"] = incident.service;
    out["status"] = platform_status(incident);
    out["severity"] = platform_severity(incident.severity);
    out["occurrences"] = incident.occurrences;
    out["detected_at"] = time_value(incident.opened_ns);
    out["resolved_at"] = nullptr;
    out["mttr_seconds"] = nullptr;
    out["outcome"] = nullptr;
    if (incident.resolved_ns) {
        out["resolved_at"] = time_value(*incident.resolved_ns);
        out["mttr_seconds"] = seconds(*incident.resolved_ns - incident.opened_ns);
        out["outcome"] = "manually_resolved";
    }
    if (incident.status == rejected)
        out["outcome"] = "fix_rejected";
    out["age_seconds"] = seconds(now_ns - incident.opened_ns);
    if (auto added = add_subject(out, from, incident); !added)
        return added.error();
    if (auto added = add_effects(out, from, incident.id); !added)
        return added.error();
    return out;
}

result<json::object> load_platform_approval(const store::reader& from, const model::approval& approval)
{
    const auto decisions = store::list_decisions(from, approval.id);
    if (!decisions)
        return decisions.error();
    json::object out;
    out["id"] = approval.id;
    out["agent_name"] = approval.requested_by;
    out["action"] = approval.action;
    out["parameters"] = json::object{
        {"incident_id", approval.incident_id},
        {"run_id", approval.run_id},
        {"content_hash", approval.content_hash},
        {"approvals_needed", approval.approvals_needed}};
    out["risk_level"] = model::to_text(approval.risk);
    out["description"] = approval.summary;
    out["status"] = platform_approval_status(approval, !decisions->empty());
    out["created_at"] = time_value(approval.created_ns);
    out["decided_at"] = nullptr;
    out["decided_by"] = nullptr;
    out["rejection_reason"] = nullptr;
    if (decisions->empty())
        return out;
    const model::decision& last = decisions->back();
    out["decided_at"] = time_value(last.at_ns);
    out["decided_by"] = last.user;
    if (last.kind != model::decision_kind::approve)
        out["rejection_reason"] = last.comment;
    return out;
}

}  // namespace reprise::http
