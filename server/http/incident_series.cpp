#include "incident_series.hpp"

#include "json_text.hpp"
#include "render.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::int64_t windows_before = 120;

// What can be drawn from a window's row for a signal of this kind.
enum class curve { failing_share, p90, throttled, calls };

curve curve_of(model::signal_kind kind)
{
    switch (kind) {
    case model::signal_kind::error_rate: return curve::failing_share;
    case model::signal_kind::latency:
    case model::signal_kind::slow_query: return curve::p90;
    case model::signal_kind::rate_limit_burst: return curve::throttled;
    case model::signal_kind::fanout_straggler:
    case model::signal_kind::blocking_chain:
    case model::signal_kind::agent_loop:
    case model::signal_kind::payload_latency:
    case model::signal_kind::stream_stall: return curve::p90;
    case model::signal_kind::n_plus_one:
    case model::signal_kind::retry_storm: return curve::calls;
    }
    return curve::calls;
}

struct axis {
    std::string_view metric;
    std::string_view unit;
};

axis axis_of(curve what)
{
    switch (what) {
    case curve::failing_share: return {"share of failing responses", "ratio"};
    case curve::p90: return {"p90 of the response time", "ns"};
    case curve::throttled: return {"throttled calls per window", "count"};
    case curve::calls: return {"calls per window", "count"};
    }
    return {"calls per window", "count"};
}

std::uint64_t calls_of(const store::operation_window& window)
{
    return std::accumulate(window.counts.begin(), window.counts.end(), std::uint64_t{0});
}

double value_of(const store::operation_window& window, curve what)
{
    const auto count = [&window](model::outcome kind) {
        return static_cast<double>(window.counts[static_cast<std::size_t>(kind)]);
    };
    const auto calls = static_cast<double>(calls_of(window));
    switch (what) {
    case curve::failing_share: return calls > 0 ? count(model::outcome::server_error) / calls : 0;
    case curve::p90: return static_cast<double>(window.p90_ns);
    case curve::throttled: return count(model::outcome::throttled);
    case curve::calls: return calls;
    }
    return 0;
}

double at_share(const std::vector<double>& sorted, double share)
{
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
}

}  // namespace

json::object render_series(const model::signal& signal, std::span<const store::operation_window> windows)
{
    const curve what = curve_of(signal.kind);
    json::array points;
    std::vector<double> calm;
    for (const store::operation_window& window : windows) {
        const double value = value_of(window, what);
        if (!window.anomalous)
            calm.push_back(value);
        json::object point;
        point["at"] = time_value(window.window_start_ns);
        point["value"] = value;
        point["n"] = calls_of(window);
        point["anomalous"] = window.anomalous;
        points.emplace_back(std::move(point));
    }
    json::object out;
    out["metric"] = axis_of(what).metric;
    out["unit"] = axis_of(what).unit;
    out["operation"] = render_operation(signal.operation, signal.operation_id);
    out["points"] = std::move(points);
    if (calm.size() >= series_band_points_min) {
        std::sort(calm.begin(), calm.end());
        json::object band;
        band["low"] = at_share(calm, 0.05);
        band["high"] = at_share(calm, 0.95);
        band["middle"] = at_share(calm, 0.5);
        out["baseline"] = std::move(band);
    }
    return out;
}

result<json::object> load_series(const store::reader& from, const model::signal& signal, std::int64_t now_ns)
{
    const std::int64_t length_ns = std::max<std::int64_t>(signal.window_end_ns - signal.window_start_ns, 1);
    const std::int64_t from_ns = signal.window_start_ns - windows_before * length_ns;
    // Around the signal rather than up to now, once now is far away.
    const auto points = static_cast<std::int64_t>(series_points_max);
    const std::int64_t to_ns = std::min(now_ns + 1, from_ns + points * length_ns);
    const auto windows = store::list_windows(
        from, signal.operation_id, from_ns, std::max(to_ns, signal.window_end_ns), series_points_max
    );
    if (!windows)
        return windows.error();
    return render_series(signal, *windows);
}

}  // namespace reprise::http
