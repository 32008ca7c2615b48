#include "reprise/detect/detectors.hpp"

#include "operation_context.hpp"
#include "risen_share.hpp"

#include "reprise/detect/settings.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace reprise::detect {
namespace {

using finder = std::optional<candidate> (*)(const operation_context&);

// In the order of model::signal_kind.
constexpr std::array<finder, 5> finders = {
    find_error_rate, find_latency, find_slow_query, find_n_plus_one, find_rate_limit_burst
};

constexpr std::size_t kinds_max = 8;  // Of operations, per source.
constexpr std::size_t sources_count = static_cast<std::size_t>(model::source::metric) + 1;

std::size_t traffic_index(const model::operation_key& operation)
{
    return static_cast<std::size_t>(operation.source) * kinds_max + static_cast<std::size_t>(operation.kind);
}

using traffic_table = std::array<kind_traffic, sources_count * kinds_max>;

traffic_table sum_traffic(const service_window& window, std::span<const baseline* const> baselines)
{
    traffic_table table;
    for (std::size_t index = 0; index < window.operations.size(); ++index) {
        const operation_summary& now = window.operations[index];
        kind_traffic& sum = table[traffic_index(now.operation)];
        sum.requests += now.requests;
        if (baselines[index] == nullptr)
            continue;
        const level& normal = baselines[index]->normal;
        const bool is_client = now.operation.kind == model::operation_kind::client;
        sum.normal_requests += normal.requests;
        sum.normal_failing += is_client ? std::max(normal.failing - normal.throttled, 0.0) : normal.failing;
        sum.normal_throttled += normal.throttled;
    }
    return table;
}

// Suspicious in at least two of the last three windows, this one included.
bool lasts(const operation_context& context, std::size_t kind)
{
    const unsigned before = context.known != nullptr ? context.known->history[kind] : 0U;
    return std::popcount((before << 1U | 1U) & 7U) >= 2;
}

operation_finding look_at(const operation_context& context, std::vector<model::signal>& signals)
{
    constexpr std::uint32_t lasting_windows = 3;
    operation_finding finding;
    finding.operation_id = context.now.operation_id;
    for (std::size_t kind = 0; kind < finders.size(); ++kind) {
        auto found = finders[kind](context);
        if (!found)
            continue;
        finding.suspicious = static_cast<std::uint8_t>(finding.suspicious | 1U << kind);
        const bool at_once = found->absolute || found->signal.p_value.value_or(1) < context.limits.p_at_once;
        if (!at_once && !lasts(context, kind))
            continue;
        finding.alarmed = finding.alarmed || found->blocks;
        const std::uint32_t windows = at_once ? found->windows : std::max(found->windows, lasting_windows);
        finding.windows = found->blocks ? std::max(finding.windows, windows) : finding.windows;
        if (is_raised(found->signal.kind, context.limits))
            signals.push_back(std::move(found->signal));
    }
    return finding;
}

}  // namespace

std::size_t operation_context::pool_size() const noexcept
{
    if (known == nullptr)
        return 0;
    // Windows without traffic have no entry; what lies too far back says nothing about now.
    const std::int64_t length_ns = window.end_ns - window.start_ns;
    const std::int64_t oldest_ns = window.start_ns - 3 * static_cast<std::int64_t>(limits.pool_windows) * length_ns;
    std::size_t size = 0;
    while (size < known->recent.size() && size + 1 < limits.pool_windows &&
           known->recent[known->recent.size() - 1 - size].start_ns >= oldest_ns)
        ++size;
    return size;
}

model::signal start_signal(const operation_context& context, model::signal_kind kind)
{
    model::signal signal;
    signal.kind = kind;
    signal.operation = context.now.operation;
    signal.operation_id = context.now.operation_id;
    signal.window_start_ns = context.window.start_ns;
    signal.window_end_ns = context.window.end_ns;
    if (context.known != nullptr) {
        signal.baseline_windows = context.known->windows;
        signal.baseline_age_ns = std::max<std::int64_t>(context.window.start_ns - context.known->first_ns, 0);
    }
    return signal;
}

detection detect(
    const service_window& window, std::span<const baseline* const> baselines, const detection_limits& limits
)
{
    assert(baselines.size() == window.operations.size());
    assert(window.start_ns < window.end_ns);
    const traffic_table traffic = sum_traffic(window, baselines);
    detection found;
    found.findings.reserve(window.operations.size());
    for (std::size_t index = 0; index < window.operations.size(); ++index) {
        const operation_summary& now = window.operations[index];
        const operation_context context{now, baselines[index], window, traffic[traffic_index(now.operation)], limits};
        found.findings.push_back(look_at(context, found.signals));
    }
    if (found.signals.size() > limits.signals_max) {
        found.cut = static_cast<std::uint32_t>(found.signals.size() - limits.signals_max);
        std::stable_sort(found.signals.begin(), found.signals.end(), [](const auto& a, const auto& b) {
            return a.severity > b.severity;
        });
        found.signals.resize(limits.signals_max);
    }
    return found;
}

}  // namespace reprise::detect
