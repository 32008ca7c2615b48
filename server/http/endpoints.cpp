#include "endpoints.hpp"

#include <array>

namespace reprise::http {
namespace {

constexpr auto get = net::method::get;
constexpr auto post = net::method::post;
constexpr auto put = net::method::put;

constexpr std::string_view page_query = "after limit";
constexpr std::size_t content_bytes_max = 256 * 1024;  // A ticket's text, escaped.
constexpr std::size_t fix_bytes_max = 1024 * 1024;     // The files of a fix, escaped.

// clang-format off
constexpr std::array table = {
    endpoint{get, "/me", need::signed_in, get_me,
             "Who is signed in", "Item Me", "", ""},
    endpoint{post, "/auth/link", need::nothing, post_link,
             "Sign in with a one-time link", "Item Me", "LinkToken", "", false},
    endpoint{post, "/auth/logout", need::signed_in, post_logout,
             "Sign out", "", "", "", false},
    endpoint{get, "/overview", need::viewer, get_overview,
             "The state of everything", "Item Overview", "", ""},
    endpoint{get, "/services", need::viewer, list_services,
             "Observed services by name", "Page Service", "", page_query},
    endpoint{get, "/services/{name}", need::viewer, get_service,
             "One service", "Item Service", "", ""},
    endpoint{put, "/services/{name}", need::operator_, put_service,
             "Change a service's settings", "Item Service", "ServiceChange", ""},
    endpoint{get, "/services/{name}/operations", need::viewer, list_service_operations,
             "Its operations beside their baselines", "Page OperationState", "", ""},
    endpoint{post, "/deployments", need::operator_, post_deployment,
             "Tell that a version of a service began to run", "Item Deployment", "NewDeployment", ""},
    endpoint{get, "/signals", need::viewer, list_signals,
             "Signals, newest first", "Page Signal", "", "service kind after limit"},
    endpoint{get, "/signals/{id}", need::viewer, get_signal,
             "One signal", "Item Signal", "", ""},
    endpoint{get, "/incidents", need::viewer, list_incidents,
             "Incidents, newest first", "Page Incident", "", "status service severity open after limit"},
    endpoint{get, "/incidents/{id}", need::viewer, get_incident,
             "One incident with everything about it", "Item IncidentDetail", "", ""},
    endpoint{get, "/incidents/{id}/timeline", need::viewer, get_incident_timeline,
             "What happened to it, oldest first", "Page IncidentEvent", "", "after"},
    endpoint{post, "/incidents/{id}/retry", need::operator_, post_incident_action,
             "Start over with the next generation", "Item Incident", "Comment", ""},
    endpoint{post, "/incidents/{id}/skip", need::operator_, post_incident_action,
             "Leave it be", "Item Incident", "Comment", ""},
    endpoint{post, "/incidents/{id}/resolve", need::operator_, post_incident_action,
             "It is solved", "Item Incident", "Comment", ""},
    endpoint{post, "/incidents/{id}/reproduce", need::operator_, post_incident_action,
             "Replay its evidence now", "Item Incident", "Comment", ""},
    endpoint{post, "/incidents/{id}/publish", need::operator_, post_incident_action,
             "Publish anyway, through the gate", "Item Incident", "Comment", ""},
    endpoint{post, "/incidents/{id}/fix", need::operator_, post_fix,
             "Hand in a fix, which becomes a draft pull request", "Item Run", "NewFix", "", true, fix_bytes_max},
    endpoint{get, "/evidence/{id}", need::viewer, get_evidence,
             "One evidence bundle", "Item Evidence", "", ""},
    endpoint{get, "/evidence/{id}/exchanges", need::viewer, list_evidence_exchanges,
             "Its exchanges", "Page Exchange", "", page_query},
    endpoint{get, "/evidence/{id}/download", need::viewer, download_evidence,
             "The bundle as .tar.gz", "", "", ""},
    endpoint{get, "/runs", need::viewer, list_runs,
             "Runs, newest first", "Page Run", "", "state kind incident after limit"},
    endpoint{post, "/runs", need::operator_, post_run,
             "Queue a run of an incident by hand", "Item Run", "NewRun", ""},
    endpoint{get, "/runs/{id}", need::viewer, get_run,
             "One run", "Item RunDetail", "", ""},
    endpoint{get, "/runs/{id}/events", need::viewer, list_run_events,
             "Its log after a sequence number", "Page RunEvent", "", page_query},
    endpoint{post, "/runs/{id}/cancel", need::operator_, post_run_action,
             "Stop it", "Item Run", "Comment", ""},
    endpoint{post, "/runs/{id}/pause", need::operator_, post_run_action,
             "Keep it until it is resumed", "Item Run", "Comment", ""},
    endpoint{post, "/runs/{id}/resume", need::operator_, post_run_action,
             "Back to the queue, whoever paused it", "Item Run", "Comment", ""},
    endpoint{post, "/runs/{id}/priority", need::operator_, post_run_action,
             "Sooner or later in the queue", "Item Run", "RunPriority", ""},
    endpoint{post, "/runs/{id}/retry", need::operator_, post_run_action,
             "Once more, from a step on", "Item Run", "RunRetry", ""},

    endpoint{get, "/dead-letters", need::viewer, list_dead_letters,
             "Runs that failed in every attempt, newest first", "Page DeadLetter", "", page_query},
    endpoint{post, "/dead-letters/{id}/replay", need::operator_, post_run_action,
             "Back to the queue, from a step on", "Item Run", "RunRetry", ""},
    endpoint{post, "/dead-letters/{id}/discard", need::operator_, post_run_action,
             "Put away for good, with a reason", "Item Run", "Comment", ""},

    endpoint{get, "/approvals", need::viewer, list_approvals,
             "Approvals, newest first; mine: pending ones and whether I may decide", "Page Approval", "",
             "state mine after limit"},
    endpoint{get, "/approvals/{id}", need::viewer, get_approval,
             "One approval with its exact content", "Item ApprovalDetail", "", ""},
    endpoint{post, "/approvals/{id}/approve", need::approver, post_decision,
             "Release exactly this content", "Item Approval", "DecisionRequest", ""},
    endpoint{post, "/approvals/{id}/reject", need::approver, post_decision,
             "Refuse it, with a reason", "Item Approval", "DecisionRequest", ""},
    endpoint{post, "/approvals/{id}/request-changes", need::approver, post_decision,
             "Ask for another version, with a reason", "Item Approval", "DecisionRequest", ""},
    endpoint{post, "/approvals/{id}/stop", need::approver, post_decision,
             "End the run here", "Item Approval", "DecisionRequest", ""},
    endpoint{put, "/approvals/{id}/content", need::operator_, put_approval_content,
             "Another title and body, which must be approved anew", "Item Approval", "ContentEdit", "", true,
             content_bytes_max},
    endpoint{post, "/approvals/{id}/links", need::operator_, post_approval_link,
             "A signed link to it for one approver", "Item MadeApprovalLink", "NewApprovalLink", ""},
    endpoint{get, "/approvals/link/{token}", need::nothing, get_approval_link,
             "Where a link leads; decides nothing", "Item ApprovalLink", "", ""},
    endpoint{post, "/approvals/link/{token}", need::approver, post_approval_by_link,
             "Decide by a link, once", "Item Approval", "LinkDecision", ""},
    endpoint{get, "/preferences.jsonl", need::approver_or_admin, get_preferences,
             "What was rejected and what was approved instead, as JSON lines", "", "", "since after limit"},
    endpoint{get, "/publications", need::viewer, list_publications,
             "What exists outside, newest first", "Page Publication", "", page_query},
    endpoint{get, "/users", need::admin, list_users,
             "People", "Page User", "", ""},
    endpoint{post, "/users", need::admin, post_user,
             "A new person and their sign-in link", "UserLink", "NewUser", ""},
    endpoint{put, "/users/{id}", need::admin, put_user,
             "Change roles, or disable", "Item User", "UserChange", ""},
    endpoint{post, "/users/{id}/link", need::admin, post_user_link,
             "A new sign-in link", "UserLink", "", ""},
    endpoint{get, "/audit", need::admin, list_audit,
             "Who did what, oldest first", "Page AuditRow", "", page_query},
    endpoint{get, "/audit/verify", need::admin, verify_audit,
             "Check the chain", "Item AuditReport", "", ""},
    endpoint{get, "/openapi.json", need::nothing, get_openapi,
             "This document", "", "", ""},
    endpoint{get, "/healthz", need::nothing, get_healthz,
             "The process lives", "", "", ""},
    endpoint{get, "/readyz", need::nothing, get_readyz,
             "It can work", "", "", ""},
    endpoint{get, "/metrics", need::nothing, get_metrics,
             "Prometheus metrics, for this machine only", "", "", ""},
};
// clang-format on

}  // namespace

std::span<const endpoint> endpoints()
{
    return table;
}

std::string full_path(const endpoint& route)
{
    const bool is_probe = route.path == "/healthz" || route.path == "/readyz" || route.path == "/metrics";
    return is_probe ? std::string(route.path) : std::string(api_base) + std::string(route.path);
}

}  // namespace reprise::http
