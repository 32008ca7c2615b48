#include "answers.hpp"
#include "handlers.hpp"
#include "json_text.hpp"
#include "overview_parts.hpp"
#include "render.hpp"
#include "rows.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/notice_endpoints.hpp"
#include "reprise/store/overview.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/runs.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::string_view nothing_to_replay_to =
    "Nothing can be reproduced: replay.targets in the configuration is empty. List the addresses there that may be "
    "replayed to, and start the server again.";

constexpr std::size_t overview_rows = 5;
constexpr std::size_t traffic_points_max = 720;
constexpr std::int64_t traffic_ns = 3600 * ns_per_s;
constexpr std::int64_t minute_ns = 60 * ns_per_s;
constexpr std::int64_t ailing_after_ns = 600 * ns_per_s;  // Nothing but failures for so long is worth a line.

void add_counts(json::object& out, const store::overview_counts& counts)
{
    constexpr std::array levels = {
        model::severity::low, model::severity::medium, model::severity::high, model::severity::critical};
    json::object by_severity;
    for (const model::severity level : levels)
        by_severity[model::to_text(level)] = counts.incidents_by_severity[static_cast<std::size_t>(level)];
    out["incidents_open"] = counts.incidents_open;
    out["incidents_by_severity"] = std::move(by_severity);
    out["approvals_pending"] = counts.approvals_pending;
    if (counts.approval_oldest_ns)
        out["approval_oldest_at"] = time_value(*counts.approval_oldest_ns);
    out["runs_active"] = counts.runs_active;
    out["services"] = counts.services;
    out["operations"] = counts.operations;
    out["signals_last_hour"] = counts.signals_last_hour;
}

// What the newest closed window had, brought to a minute; nothing once windows stopped coming.
std::uint64_t records_per_minute(
    const std::vector<store::traffic_point>& points, std::int64_t window_ns, std::int64_t now_ns
)
{
    constexpr std::int64_t windows_until_quiet = 3;
    if (points.empty() || window_ns <= 0)
        return 0;
    const store::traffic_point& last = points.back();
    if (now_ns - last.window_start_ns > windows_until_quiet * window_ns + minute_ns)
        return 0;
    return static_cast<std::uint64_t>(
        static_cast<double>(last.records) * static_cast<double>(minute_ns) / static_cast<double>(window_ns)
    );
}

// Records still in open windows are known to intake only, those before the start to the store only.
void add_intake(
    json::object& out, const store::overview_counts& counts, const intake_figures& intake, std::uint64_t per_minute
)
{
    out["records_total"] = std::max(counts.records_total, intake.records);
    out["records_refused"] = intake.refused;
    out["records_late"] = intake.late;
    out["records_last_minute"] = intake.last_minute == 0 ? per_minute : intake.last_minute;
    const auto last_ns = std::max(counts.last_record_ns, intake.last_record_ns);
    if (last_ns)
        out["last_record_at"] = time_value(*last_ns);
}

result<void> add_rows(json::object& out, const store::reader& from, std::int64_t now_ns)
{
    const auto incidents = store::list_worst_incidents(from, now_ns, overview_rows);
    if (!incidents)
        return incidents.error();
    auto worst = load_incident_rows(from, *incidents);
    if (!worst)
        return worst.error();
    store::approval_filter pending;
    pending.state = model::approval_state::pending;
    pending.limit = overview_rows;
    const auto approvals = store::list_approvals(from, pending);
    if (!approvals)
        return approvals.error();
    auto waiting = load_approval_rows(from, *approvals);
    if (!waiting)
        return waiting.error();
    store::run_filter active;
    active.active = true;
    active.limit = overview_rows;
    const auto runs = store::list_runs(from, active);
    if (!runs)
        return runs.error();
    json::array running;
    for (const model::run& each : *runs)
        running.emplace_back(render_run(each));
    out["worst_incidents"] = std::move(*worst);
    out["waiting_approvals"] = std::move(*waiting);
    out["active_runs"] = std::move(running);
    return {};
}

std::string warning_of(const store::notice_endpoint& one)
{
    const std::string name = one.kind == store::endpoint_kind::slack ? "Slack" : "The webhook " + one.id;
    if (!one.enabled)
        return name + " is off: " + one.disabled_reason;
    return name + " has not been reached since " + format_rfc3339(one.failing_since_ns.value_or(0)) + ": " +
           one.last_error;
}

// `about` is a word of the schema: who reads it knows where that is set.
json::object warning_row(std::string_view about, std::string_view text)
{
    return {{"about", about}, {"text", text}};
}

result<void> add_warnings(
    json::object& out, const store::reader& from, const api_config& config, std::int64_t now_ns
)
{
    const auto people = store::list_people(from, store::people_listed_max);
    if (!people)
        return people.error();
    json::array warnings;
    for (const std::string& sentence : lifecycle::approvers_missing(*people, config.approvals))
        warnings.emplace_back(warning_row("approvers", sentence));
    const auto ailing = store::list_ailing_endpoints(from, now_ns - ailing_after_ns);
    if (!ailing)
        return ailing.error();
    for (const store::notice_endpoint& one : *ailing)
        warnings.emplace_back(
            warning_row(one.kind == store::endpoint_kind::slack ? "slack" : "webhooks", warning_of(one))
        );
    if (config.replay_targets.empty())
        warnings.emplace_back(warning_row("replay_targets", nothing_to_replay_to));
    out["warnings"] = std::move(warnings);
    return {};
}

result<json::object> load_overview(const context& api, const store::reader& from, const intake_figures& intake)
{
    const std::int64_t now_ns = api.parts.time.now_ns();
    const auto counts = store::load_overview(from, now_ns);
    if (!counts)
        return counts.error();
    const auto points = store::list_traffic(from, now_ns - traffic_ns, traffic_points_max);
    if (!points)
        return points.error();
    json::object out;
    add_counts(out, *counts);
    add_intake(out, *counts, intake, records_per_minute(*points, api.config.window_ns, now_ns));
    add_queue(out, *counts);
    out["otlp_grpc"] = api.config.otlp_grpc;
    out["otlp_http"] = api.config.otlp_http;
    out["window_s"] = static_cast<double>(api.config.window_ns) / 1e9;
    json::array traffic;
    for (const store::traffic_point& point : *points)
        traffic.emplace_back(render_traffic(point));
    out["traffic"] = std::move(traffic);
    const auto pause = store::find_run_pause(from);
    if (!pause)
        return pause.error();
    out["run_pause"] = render_run_pause(*pause);
    if (auto added = add_lag(out, from, now_ns); !added)
        return added.error();
    if (auto added = add_busy_services(out, from, now_ns); !added)
        return added.error();
    if (auto added = add_integrations(out, from); !added)
        return added.error();
    const auto rows = add_rows(out, from, now_ns);
    if (!rows)
        return rows.error();
    const auto warned = add_warnings(out, from, api.config, now_ns);
    if (!warned)
        return warned.error();
    return out;
}

}  // namespace

handler_answer get_overview(context& api, const caller&, net::request& req)
{
    const intake_figures intake = api.parts.intake ? api.parts.intake() : intake_figures();
    const storage_figures storage = api.parts.storage();
    auto load = [&api, &intake, &storage](const store::reader& from) -> result<loaded> {
        auto overview = load_overview(api, from, intake);
        if (!overview)
            return overview.error();
        add_storage(*overview, storage);
        return load_item(from, std::move(*overview));
    };
    const auto found = co_await api.parts.store.read(std::move(load));
    co_return answer(req, found, "the overview");
}

}  // namespace reprise::http
