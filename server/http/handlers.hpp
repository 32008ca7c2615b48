#pragma once

#include "access.hpp"

#include <boost/asio/awaitable.hpp>

// What each route does once access is granted and the input's frame is checked. The table that binds
// them to paths is endpoints.cpp.
namespace reprise::http {

using handler_answer = boost::asio::awaitable<net::response>;

handler_answer get_me(context& api, const caller& who, net::request& req);
handler_answer post_link(context& api, const caller& who, net::request& req);
handler_answer post_logout(context& api, const caller& who, net::request& req);

handler_answer list_users(context& api, const caller& who, net::request& req);
handler_answer post_user(context& api, const caller& who, net::request& req);
handler_answer put_user(context& api, const caller& who, net::request& req);
handler_answer post_user_link(context& api, const caller& who, net::request& req);

handler_answer get_overview(context& api, const caller& who, net::request& req);

handler_answer list_services(context& api, const caller& who, net::request& req);
handler_answer get_service(context& api, const caller& who, net::request& req);
handler_answer put_service(context& api, const caller& who, net::request& req);
handler_answer list_service_operations(context& api, const caller& who, net::request& req);

handler_answer post_deployment(context& api, const caller& who, net::request& req);

handler_answer list_signals(context& api, const caller& who, net::request& req);
handler_answer get_signal(context& api, const caller& who, net::request& req);

handler_answer list_incidents(context& api, const caller& who, net::request& req);
handler_answer get_incident(context& api, const caller& who, net::request& req);
handler_answer get_incident_timeline(context& api, const caller& who, net::request& req);
handler_answer post_incident_action(context& api, const caller& who, net::request& req);

handler_answer get_evidence(context& api, const caller& who, net::request& req);
handler_answer list_evidence_exchanges(context& api, const caller& who, net::request& req);
handler_answer download_evidence(context& api, const caller& who, net::request& req);

handler_answer list_runs(context& api, const caller& who, net::request& req);
handler_answer get_run(context& api, const caller& who, net::request& req);
handler_answer list_run_events(context& api, const caller& who, net::request& req);
handler_answer post_run_action(context& api, const caller& who, net::request& req);
handler_answer post_run(context& api, const caller& who, net::request& req);
handler_answer list_dead_letters(context& api, const caller& who, net::request& req);

handler_answer list_approvals(context& api, const caller& who, net::request& req);
handler_answer get_approval(context& api, const caller& who, net::request& req);
handler_answer post_decision(context& api, const caller& who, net::request& req);

handler_answer put_approval_content(context& api, const caller& who, net::request& req);
handler_answer post_approval_link(context& api, const caller& who, net::request& req);
handler_answer get_approval_link(context& api, const caller& who, net::request& req);
handler_answer post_approval_by_link(context& api, const caller& who, net::request& req);
handler_answer post_fix(context& api, const caller& who, net::request& req);
handler_answer get_preferences(context& api, const caller& who, net::request& req);

handler_answer list_publications(context& api, const caller& who, net::request& req);
handler_answer list_audit(context& api, const caller& who, net::request& req);
handler_answer verify_audit(context& api, const caller& who, net::request& req);
handler_answer get_openapi(context& api, const caller& who, net::request& req);

handler_answer get_healthz(context& api, const caller& who, net::request& req);
handler_answer get_readyz(context& api, const caller& who, net::request& req);
handler_answer get_metrics(context& api, const caller& who, net::request& req);

// The last segment of the route: "retry" of /api/v1/incidents/{id}/retry.
inline std::string_view route_verb(const net::request& req) noexcept
{
    return req.route.substr(req.route.rfind('/') + 1);
}

}  // namespace reprise::http
