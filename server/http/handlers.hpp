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
handler_answer get_auth_ways(context& api, const caller& who, net::request& req);
handler_answer post_login(context& api, const caller& who, net::request& req);
handler_answer post_reauthenticate(context& api, const caller& who, net::request& req);
handler_answer get_oidc(context& api, const caller& who, net::request& req);
handler_answer get_oidc_return(context& api, const caller& who, net::request& req);
handler_answer put_my_password(context& api, const caller& who, net::request& req);
handler_answer list_sessions(context& api, const caller& who, net::request& req);
handler_answer delete_session(context& api, const caller& who, net::request& req);
handler_answer list_tokens(context& api, const caller& who, net::request& req);
handler_answer post_token(context& api, const caller& who, net::request& req);
handler_answer delete_token(context& api, const caller& who, net::request& req);

handler_answer list_users(context& api, const caller& who, net::request& req);
handler_answer post_user(context& api, const caller& who, net::request& req);
handler_answer put_user(context& api, const caller& who, net::request& req);
handler_answer post_user_link(context& api, const caller& who, net::request& req);

handler_answer get_overview(context& api, const caller& who, net::request& req);

handler_answer list_services(context& api, const caller& who, net::request& req);
handler_answer get_service(context& api, const caller& who, net::request& req);
handler_answer put_service(context& api, const caller& who, net::request& req);
handler_answer list_service_operations(context& api, const caller& who, net::request& req);
handler_answer get_operation_series(context& api, const caller& who, net::request& req);

handler_answer get_detection(context& api, const caller& who, net::request& req);
handler_answer put_detection(context& api, const caller& who, net::request& req);
handler_answer post_backtest(context& api, const caller& who, net::request& req);
handler_answer list_suppressions(context& api, const caller& who, net::request& req);
handler_answer get_suppression(context& api, const caller& who, net::request& req);
handler_answer post_suppression(context& api, const caller& who, net::request& req);
handler_answer delete_suppression(context& api, const caller& who, net::request& req);

handler_answer post_deployment(context& api, const caller& who, net::request& req);

handler_answer list_signals(context& api, const caller& who, net::request& req);
handler_answer get_signal(context& api, const caller& who, net::request& req);

handler_answer list_traces(context& api, const caller& who, net::request& req);
handler_answer get_trace(context& api, const caller& who, net::request& req);
handler_answer list_trace_patterns(context& api, const caller& who, net::request& req);

handler_answer list_incidents(context& api, const caller& who, net::request& req);
handler_answer get_incident(context& api, const caller& who, net::request& req);
handler_answer get_incident_timeline(context& api, const caller& who, net::request& req);
handler_answer post_incident_action(context& api, const caller& who, net::request& req);
handler_answer post_incident_snooze(context& api, const caller& who, net::request& req);
handler_answer delete_incident_snooze(context& api, const caller& who, net::request& req);
handler_answer post_incident_assignment(context& api, const caller& who, net::request& req);

handler_answer list_alarms(context& api, const caller& who, net::request& req);
handler_answer get_alarm(context& api, const caller& who, net::request& req);
handler_answer post_alarm_acceptance(context& api, const caller& who, net::request& req);
handler_answer get_dedup_report(context& api, const caller& who, net::request& req);
handler_answer post_event(context& api, const caller& who, net::request& req);
handler_answer list_events(context& api, const caller& who, net::request& req);
handler_answer post_event_approval(context& api, const caller& who, net::request& req);
handler_answer post_event_dismissal(context& api, const caller& who, net::request& req);
handler_answer post_all_event_approvals(context& api, const caller& who, net::request& req);
handler_answer list_event_dismissals(context& api, const caller& who, net::request& req);
handler_answer delete_event_dismissal(context& api, const caller& who, net::request& req);

handler_answer list_integrations(context& api, const caller& who, net::request& req);
handler_answer list_poll_sources(context& api, const caller& who, net::request& req);
handler_answer list_service_polling(context& api, const caller& who, net::request& req);
handler_answer put_service_polling(context& api, const caller& who, net::request& req);

// Compatibility views: docs/compatibility.md.
handler_answer list_sentinel_incidents(context& api, const caller& who, net::request& req);
handler_answer get_sentinel_incident(context& api, const caller& who, net::request& req);
handler_answer post_sentinel_action(context& api, const caller& who, net::request& req);
handler_answer list_sentinel_services(context& api, const caller& who, net::request& req);
handler_answer get_sentinel_service(context& api, const caller& who, net::request& req);
handler_answer put_sentinel_service(context& api, const caller& who, net::request& req);
handler_answer get_sentinel_health(context& api, const caller& who, net::request& req);
handler_answer get_sentinel_stats(context& api, const caller& who, net::request& req);
handler_answer list_platform_incidents(context& api, const caller& who, net::request& req);
handler_answer list_platform_active(context& api, const caller& who, net::request& req);
handler_answer get_platform_metrics(context& api, const caller& who, net::request& req);
handler_answer get_platform_incident(context& api, const caller& who, net::request& req);
handler_answer post_platform_action(context& api, const caller& who, net::request& req);
handler_answer post_platform_trigger(context& api, const caller& who, net::request& req);
handler_answer list_platform_approvals(context& api, const caller& who, net::request& req);
handler_answer list_platform_pending(context& api, const caller& who, net::request& req);
handler_answer get_platform_approval(context& api, const caller& who, net::request& req);
handler_answer post_platform_decision(context& api, const caller& who, net::request& req);

handler_answer get_evidence(context& api, const caller& who, net::request& req);
handler_answer get_evidence_manifest(context& api, const caller& who, net::request& req);
handler_answer list_evidence_exchanges(context& api, const caller& who, net::request& req);
handler_answer download_evidence(context& api, const caller& who, net::request& req);

handler_answer list_runs(context& api, const caller& who, net::request& req);
handler_answer get_run(context& api, const caller& who, net::request& req);
handler_answer list_run_events(context& api, const caller& who, net::request& req);
handler_answer list_run_answers(context& api, const caller& who, net::request& req);
handler_answer get_run_answer(context& api, const caller& who, net::request& req);
handler_answer post_run_action(context& api, const caller& who, net::request& req);
handler_answer post_run(context& api, const caller& who, net::request& req);
handler_answer post_run_pause(context& api, const caller& who, net::request& req);
handler_answer post_run_resume(context& api, const caller& who, net::request& req);
handler_answer list_dead_letters(context& api, const caller& who, net::request& req);

handler_answer list_approvals(context& api, const caller& who, net::request& req);
handler_answer get_approval(context& api, const caller& who, net::request& req);
handler_answer post_decision(context& api, const caller& who, net::request& req);
handler_answer list_approval_snoozes(context& api, const caller& who, net::request& req);
handler_answer post_approval_snooze(context& api, const caller& who, net::request& req);
handler_answer delete_approval_snooze(context& api, const caller& who, net::request& req);

handler_answer put_approval_content(context& api, const caller& who, net::request& req);
handler_answer post_approval_link(context& api, const caller& who, net::request& req);
handler_answer get_approval_link(context& api, const caller& who, net::request& req);
handler_answer post_approval_by_link(context& api, const caller& who, net::request& req);
handler_answer post_fix(context& api, const caller& who, net::request& req);
handler_answer get_preferences(context& api, const caller& who, net::request& req);

handler_answer list_webhooks(context& api, const caller& who, net::request& req);
handler_answer post_webhook(context& api, const caller& who, net::request& req);
handler_answer put_webhook(context& api, const caller& who, net::request& req);
handler_answer delete_webhook(context& api, const caller& who, net::request& req);
handler_answer post_webhook_rotation(context& api, const caller& who, net::request& req);
handler_answer post_webhook_test(context& api, const caller& who, net::request& req);
handler_answer list_deliveries(context& api, const caller& who, net::request& req);
handler_answer post_delivery_replay(context& api, const caller& who, net::request& req);
handler_answer post_tracker_check(context& api, const caller& who, net::request& req);
handler_answer post_slack_test(context& api, const caller& who, net::request& req);
handler_answer list_slack_people(context& api, const caller& who, net::request& req);
handler_answer put_slack_person(context& api, const caller& who, net::request& req);

handler_answer list_publications(context& api, const caller& who, net::request& req);

handler_answer list_hooks(context& api, const caller& who, net::request& req);
handler_answer post_hook_replay(context& api, const caller& who, net::request& req);

handler_answer list_audit(context& api, const caller& who, net::request& req);
handler_answer verify_audit(context& api, const caller& who, net::request& req);
handler_answer export_audit(context& api, const caller& who, net::request& req);
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
