#include "token_routes.hpp"

#include <algorithm>
#include <array>

namespace reprise::http {
namespace {

constexpr auto get = net::method::get;
constexpr auto post = net::method::post;
constexpr auto del = net::method::delete_;

constexpr std::array table = {
    token_route{get, "/me", scope::any},

    token_route{get, "/overview", scope::runs_read},
    token_route{get, "/services", scope::runs_read},
    token_route{get, "/services/{name}", scope::runs_read},
    token_route{get, "/services/{name}/operations", scope::runs_read},
    token_route{get, "/services/{name}/operations/{operation}/series", scope::runs_read},
    token_route{get, "/services/{name}/detection", scope::runs_read},
    token_route{get, "/suppressions", scope::runs_read},
    token_route{get, "/suppressions/{id}", scope::runs_read},
    token_route{get, "/signals", scope::runs_read},
    token_route{get, "/signals/{id}", scope::runs_read},
    token_route{get, "/traces", scope::runs_read},
    token_route{get, "/traces/patterns", scope::runs_read},
    token_route{get, "/traces/{id}", scope::runs_read},
    token_route{get, "/incidents", scope::runs_read},
    token_route{get, "/incidents/{id}", scope::runs_read},
    token_route{get, "/incidents/{id}/timeline", scope::runs_read},
    token_route{get, "/evidence/{id}", scope::runs_read},
    token_route{get, "/evidence/{id}/manifest", scope::runs_read},
    token_route{get, "/evidence/{id}/exchanges", scope::runs_read},
    token_route{get, "/evidence/{id}/download", scope::runs_read},
    token_route{get, "/runs", scope::runs_read},
    token_route{get, "/runs/{id}", scope::runs_read},
    token_route{get, "/runs/{id}/events", scope::runs_read},
    token_route{get, "/runs/{id}/answers", scope::runs_read},
    token_route{get, "/runs/{id}/answers/{exchange}", scope::runs_read},
    token_route{get, "/dead-letters", scope::runs_read},
    token_route{get, "/approvals", scope::runs_read},
    token_route{get, "/approvals/{id}", scope::runs_read},
    token_route{get, "/publications", scope::runs_read},
    token_route{get, "/alarms", scope::runs_read},
    token_route{get, "/alarms/{id}", scope::runs_read},
    token_route{get, "/events", scope::runs_read},
    token_route{get, "/events/dismissals", scope::runs_read},
    token_route{get, "/reports/dedup", scope::runs_read},
    token_route{get, "/integrations", scope::runs_read},
    token_route{get, "/poll/sources", scope::runs_read},
    token_route{get, "/poll/services", scope::runs_read},
    token_route{get, "/api/incidents", scope::runs_read},
    token_route{get, "/api/incidents/{id}", scope::runs_read},
    token_route{get, "/api/config/services", scope::runs_read},
    token_route{get, "/api/config/services/{name}", scope::runs_read},
    token_route{get, "/api/health", scope::runs_read},
    token_route{get, "/api/stats", scope::runs_read},
    token_route{get, "/compat/agent-platform/incidents", scope::runs_read},
    token_route{get, "/compat/agent-platform/incidents/active", scope::runs_read},
    token_route{get, "/compat/agent-platform/incidents/metrics", scope::runs_read},
    token_route{get, "/compat/agent-platform/incidents/{id}", scope::runs_read},
    token_route{get, "/compat/agent-platform/approvals", scope::runs_read},
    token_route{get, "/compat/agent-platform/approvals/pending", scope::runs_read},
    token_route{get, "/compat/agent-platform/approvals/{id}", scope::runs_read},
    token_route{get, "/hooks", scope::runs_read},
    token_route{get, "/deliveries", scope::runs_read},

    token_route{post, "/incidents/{id}/retry", scope::runs_write},
    token_route{post, "/incidents/{id}/skip", scope::runs_write},
    token_route{post, "/incidents/{id}/resolve", scope::runs_write},
    token_route{post, "/incidents/{id}/reproduce", scope::runs_write},
    token_route{post, "/incidents/{id}/publish", scope::runs_write},
    token_route{post, "/incidents/{id}/snooze", scope::runs_write},
    token_route{del, "/incidents/{id}/snooze", scope::runs_write},
    token_route{post, "/incidents/{id}/assign", scope::runs_write},
    token_route{post, "/incidents/{id}/fix", scope::runs_write},
    token_route{post, "/runs", scope::runs_write},
    token_route{post, "/runs/{id}/pause", scope::runs_write},
    token_route{post, "/runs/{id}/resume", scope::runs_write},
    token_route{post, "/runs/{id}/priority", scope::runs_write},
    token_route{post, "/runs/pause", scope::runs_write},
    token_route{post, "/runs/resume", scope::runs_write},
    token_route{post, "/dead-letters/{id}/replay", scope::runs_write},
    token_route{post, "/dead-letters/{id}/discard", scope::runs_write},
    token_route{post, "/runs/{id}/cancel", scope::runs_write},
    token_route{post, "/runs/{id}/retry", scope::runs_write},

    token_route{post, "/api/incidents/{id}/retry", scope::runs_write},
    token_route{post, "/api/incidents/{id}/skip", scope::runs_write},
    token_route{post, "/compat/agent-platform/incidents/{id}/restart", scope::runs_write},
    token_route{post, "/compat/agent-platform/incidents/{id}/resolve", scope::runs_write},

    token_route{post, "/compat/agent-platform/incidents/trigger", scope::events_write},

    token_route{post, "/alarms/{id}/accept", scope::runs_write},
    token_route{post, "/hooks/{id}/replay", scope::runs_write},
    token_route{post, "/deliveries/{id}/replay", scope::runs_write},

    token_route{post, "/events", scope::events_write},
    token_route{post, "/deployments", scope::deployments_write},

    token_route{get, "/users", scope::admin_read},
    token_route{get, "/audit", scope::admin_read},
    token_route{get, "/audit/verify", scope::admin_read},
    token_route{get, "/audit.jsonl", scope::admin_read},
    token_route{get, "/preferences.jsonl", scope::admin_read},
    token_route{get, "/webhooks", scope::admin_read},
    token_route{get, "/slack/people", scope::admin_read},

};

}  // namespace

std::span<const token_route> token_routes()
{
    return table;
}

scope find_token_scope(net::method method, std::string_view path) noexcept
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const token_route& one) {
        return one.method == method && one.path == path;
    });
    return found == table.end() ? scope::nobody : found->needs;
}

}  // namespace reprise::http
