#include "operation_rows.hpp"

#include "json_text.hpp"
#include "operation_series.hpp"
#include "render.hpp"

#include "reprise/base/log.hpp"
#include "reprise/detect/baseline.hpp"
#include "reprise/store/operations.hpp"

#include <boost/json/object.hpp>

#include <cmath>
#include <numeric>
#include <unordered_map>

namespace json = boost::json;

namespace reprise::http {
namespace {

using baseline_map = std::unordered_map<std::uint64_t, detect::baseline>;

result<baseline_map> load_baseline_map(const store::reader& from, std::string_view service)
{
    const auto stored = store::load_baselines(from, service, operation_rows_max);
    if (!stored)
        return stored.error();
    baseline_map out;
    for (const store::baseline& each : *stored) {
        auto decoded = detect::baseline::decode(each.state);
        if (decoded)
            out.emplace(each.operation, std::move(*decoded));
        else
            log_warn("http.operations", "a stored baseline of " + std::string(service) + " cannot be read");
    }
    return out;
}

void add_window(json::object& out, const store::operation_window& window)
{
    out["last_window_at"] = time_value(window.window_start_ns);
    out["requests"] = std::accumulate(window.counts.begin(), window.counts.end(), std::uint64_t{0});
    out["failing"] = failing_calls(window);
    out["p50_ms"] = to_ms(window.p50_ns);
    out["p95_ms"] = to_ms(window.p95_ns);
}

void add_baseline(json::object& out, const detect::baseline& normal, const detect::detection_limits& limits)
{
    out["baseline_requests"] = std::round(normal.normal.requests);
    out["baseline_failing"] = std::round(normal.normal.failing);
    out["baseline_p50_ms"] = finite(normal.normal.durations.quantile(0.50) / 1e6);
    out["baseline_p95_ms"] = finite(normal.normal.durations.quantile(0.95) / 1e6);
    out["baseline_windows"] = normal.windows;
    out["baseline_state"] = normal.ready(limits) ? "ready" : "learning";
}

}  // namespace

result<json::array> load_operation_rows(
    const store::reader& from, std::string_view service, const detect::detection_limits& limits
)
{
    const auto operations = store::list_operations(from, service, operation_rows_max);
    if (!operations)
        return operations.error();
    const auto baselines = load_baseline_map(from, service);
    if (!baselines)
        return baselines.error();
    static const detect::baseline nothing_known;
    json::array out;
    for (const store::operation_state& each : *operations) {
        json::object row;
        row["operation"] = render_operation(each.key, each.id);
        add_window(row, each.latest.value_or(store::operation_window()));
        const auto known = baselines->find(each.id);
        add_baseline(row, known == baselines->end() ? nothing_known : known->second, limits);
        out.emplace_back(std::move(row));
    }
    return out;
}

}  // namespace reprise::http
