#include "overview_parts.hpp"

#include "json_text.hpp"

#include "reprise/store/deployments.hpp"
#include "reprise/store/integrations.hpp"
#include "reprise/store/service_windows.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::int64_t drawn_ns = 3600 * ns_per_s;
constexpr std::size_t services_drawn = 6;
constexpr std::size_t points_drawn = 240;
constexpr std::size_t marks_drawn = 5;  // Of each kind.
constexpr std::size_t lags_looked_at = 2'000;

double in_ms(std::int64_t ns)
{
    return static_cast<double>(ns) / 1e6;
}

// The value of rank ceil(share * n).
std::int64_t quantile(const std::vector<std::int64_t>& sorted, double share)
{
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

json::object render_point(const store::service_window& window)
{
    json::object out;
    out["at"] = time_value(window.window_start_ns);
    out["length_s"] = static_cast<double>(window.window_ns) / 1e9;
    out["requests"] = window.requests;
    out["failing"] = window.failing;
    out["p95_ms"] = in_ms(window.p95_ns);
    return out;
}

json::object render_mark(std::string_view kind, std::int64_t at_ns, std::string_view text)
{
    json::object out;
    out["kind"] = kind;
    out["at"] = time_value(at_ns);
    out["text"] = text;
    return out;
}

result<json::array> load_marks(const store::reader& from, const std::string& service, std::int64_t since_ns)
{
    json::array marks;
    const auto deployments = store::list_deployments(from, service, marks_drawn);
    if (!deployments)
        return deployments.error();
    for (const model::deployment& each : *deployments) {
        if (each.at_ns >= since_ns)
            marks.emplace_back(render_mark("deployment", each.at_ns, each.version));
    }
    const auto fixes = store::list_published_fixes(from, service, since_ns, marks_drawn);
    if (!fixes)
        return fixes.error();
    for (const store::published_fix& each : *fixes) {
        json::object mark = render_mark("fix", each.at_ns, each.title);
        mark["incident_id"] = each.incident_id;
        marks.emplace_back(std::move(mark));
    }
    return marks;
}

result<json::object> load_busy(const store::reader& from, const store::busy_service& busy, std::int64_t since_ns)
{
    const auto windows = store::list_drawn_windows(from, busy.service, since_ns, points_drawn);
    if (!windows)
        return windows.error();
    auto marks = load_marks(from, busy.service, since_ns);
    if (!marks)
        return marks.error();
    json::array points;
    for (const store::service_window& each : *windows)
        points.emplace_back(render_point(each));
    json::object out;
    out["service"] = busy.service;
    out["requests"] = busy.requests;
    out["points"] = std::move(points);
    out["marks"] = std::move(*marks);
    return out;
}

}  // namespace

void add_queue(json::object& out, const store::overview_counts& counts)
{
    json::object queue;
    queue["queued"] = counts.runs_queued;
    queue["running"] = counts.runs_running;
    queue["waiting_approval"] = counts.runs_waiting;
    queue["paused"] = counts.runs_paused;
    if (counts.run_oldest_ns)
        queue["oldest_at"] = time_value(*counts.run_oldest_ns);
    out["queue"] = std::move(queue);
    out["dead_letters"] = counts.dead_letters;
    out["incidents_snoozed"] = counts.incidents_snoozed;
}

result<void> add_lag(json::object& out, const store::reader& from, std::int64_t now_ns)
{
    auto lags = store::list_window_lags(from, now_ns - drawn_ns, lags_looked_at);
    if (!lags)
        return lags.error();
    if (lags->empty())
        return {};
    std::sort(lags->begin(), lags->end());
    json::object lag;
    lag["p50_ms"] = in_ms(quantile(*lags, 0.50));
    lag["p95_ms"] = in_ms(quantile(*lags, 0.95));
    lag["windows"] = lags->size();
    out["lag"] = std::move(lag);
    return {};
}

result<void> add_busy_services(json::object& out, const store::reader& from, std::int64_t now_ns)
{
    const std::int64_t since_ns = now_ns - drawn_ns;
    const auto busiest = store::list_busy_services(from, since_ns, services_drawn);
    if (!busiest)
        return busiest.error();
    json::array rows;
    for (const store::busy_service& each : *busiest) {
        auto row = load_busy(from, each, since_ns);
        if (!row)
            return row.error();
        rows.emplace_back(std::move(*row));
    }
    out["busy"] = std::move(rows);
    return {};
}

result<void> add_integrations(json::object& out, const store::reader& from)
{
    const auto all = store::list_integrations(from);
    if (!all)
        return all.error();
    json::array rows;
    for (const store::integration& each : *all) {
        json::object row;
        row["kind"] = store::to_text(each.kind);
        row["name"] = each.health.name;
        row["failing"] = each.health.failing;
        row["error"] = each.health.error;
        if (each.health.success_ns > 0)
            row["last_ok_at"] = time_value(each.health.success_ns);
        rows.emplace_back(std::move(row));
    }
    out["integrations"] = std::move(rows);
    return {};
}

void add_storage(json::object& out, const storage_figures& storage)
{
    if (storage.database_bytes == 0)
        return;
    json::object row;
    row["database_bytes"] = storage.database_bytes;
    row["wal_bytes"] = storage.wal_bytes;
    row["evidence_bytes"] = storage.evidence_bytes;
    row["free_bytes"] = storage.free_bytes;
    out["storage"] = std::move(row);
}

}  // namespace reprise::http
