#pragma once

#include "reprise/lifecycle/approval_machine.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/deployment.hpp"
#include "reprise/model/detection.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/service.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/deliveries.hpp"
#include "reprise/store/deployments.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/slack.hpp"
#include "reprise/store/run_pause.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Model values as web/src/api/types.ts names them, for REST and live alike. Pure; one file per
// aggregate.
namespace reprise::http {

boost::json::object render_operation(const model::operation_key& key, std::uint64_t id);
// As the API writes an operation's id.
std::string operation_hex(std::uint64_t id);
boost::json::object render_signal(const model::signal& signal);
boost::json::object render_suppression(const model::suppression& what, std::int64_t now_ns);
boost::json::object render_incident(const model::incident& incident, std::span<const model::signal_kind> kinds);
boost::json::object render_incident_event(const model::incident_event& event);
boost::json::object render_evidence(const model::evidence& evidence);
// `base_url` is where the curl command sends it; empty: no command.
boost::json::object render_exchange(const model::evidence_item& item, std::size_t index, std::string_view base_url);
boost::json::object render_run(const model::run& run);
// The switch that stops all runs.
boost::json::object render_run_pause(const std::optional<store::run_pause>& pause);
boost::json::object render_run_step(const model::run_step& step);
boost::json::object render_run_event(const model::run_event& event);
boost::json::object render_approval(const model::approval& approval, std::uint32_t approvals_given);
// What was proved, in three figures; nothing for a run without a verdict.
std::optional<boost::json::object> render_proof(const model::run& run);
// Adds whether this person may decide it now, and why not.
void add_my_part(boost::json::object& row, const lifecycle::decider& me);
boost::json::object render_decision(const model::decision& decision);
boost::json::object render_decider(const lifecycle::decider& decider, std::string_view my_id);
boost::json::object render_publication(const store::publication& publication);
boost::json::object render_deployment(const model::deployment& deployment);
boost::json::object render_overflow_route(const store::overflow_route& route);
boost::json::object render_service(
    const model::service& service, std::uint64_t incidents_open, std::span<const model::deployment> deployments,
    std::span<const store::overflow_route> overflow
);
boost::json::object render_person(const model::person& person);
boost::json::array render_roles(const model::roles& roles);
boost::json::object render_audit_row(const store::audit_row& row);
boost::json::object render_webhook(const store::notice_endpoint& webhook);
boost::json::object render_delivery(const store::delivery& delivery);
boost::json::object render_slack_person(const store::slack_person& person);
boost::json::object render_traffic(const store::traffic_point& point);

}  // namespace reprise::http
