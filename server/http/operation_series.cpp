#include "operation_series.hpp"

#include "json_text.hpp"
#include "render.hpp"

#include "reprise/base/clock.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

std::uint64_t calls_of(const store::operation_window& window)
{
    return std::accumulate(window.counts.begin(), window.counts.end(), std::uint64_t{0});
}

double at_share(const std::vector<double>& sorted, double share)
{
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

void add_band(json::object& out, std::string_view name, std::vector<double> calm)
{
    if (calm.size() < operation_band_points_min)
        return;
    std::sort(calm.begin(), calm.end());
    out[name] = json::object{
        {"low", at_share(calm, 0.05)}, {"high", at_share(calm, 0.95)}, {"middle", at_share(calm, 0.5)}};
}

json::object render_point(const store::operation_window& window)
{
    json::object point;
    point["at"] = time_value(window.window_start_ns);
    point["length_s"] = static_cast<double>(window.window_ns) / static_cast<double>(ns_per_s);
    point["requests"] = calls_of(window);
    point["failing"] = failing_calls(window);
    point["p50_ms"] = to_ms(window.p50_ns);
    point["p95_ms"] = to_ms(window.p95_ns);
    point["anomalous"] = window.anomalous;
    return point;
}

}  // namespace

std::uint64_t failing_calls(const store::operation_window& window) noexcept
{
    const auto count = [&window](model::outcome kind) { return window.counts[static_cast<std::size_t>(kind)]; };
    return count(model::outcome::server_error) + count(model::outcome::throttled);
}

json::object render_operation_series(
    const model::operation_key& key, std::uint64_t id, std::span<const store::operation_window> windows
)
{
    json::array points;
    std::vector<double> failing_share;
    std::vector<double> p95_ms;
    std::vector<double> requests;
    for (const store::operation_window& window : windows) {
        points.emplace_back(render_point(window));
        const std::uint64_t calls = calls_of(window);
        if (window.anomalous || calls == 0)
            continue;
        failing_share.push_back(static_cast<double>(failing_calls(window)) / static_cast<double>(calls));
        p95_ms.push_back(to_ms(window.p95_ns));
        requests.push_back(static_cast<double>(calls));
    }
    json::object out;
    out["operation"] = render_operation(key, id);
    out["points"] = std::move(points);
    add_band(out, "failing_share", std::move(failing_share));
    add_band(out, "p95_ms", std::move(p95_ms));
    add_band(out, "requests", std::move(requests));
    return out;
}

}  // namespace reprise::http
