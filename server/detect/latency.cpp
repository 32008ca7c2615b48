#include "latency_shift.hpp"
#include "operation_context.hpp"
#include "sentence.hpp"
#include "severity.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::detect {
namespace {

constexpr double literal_quantile = 0.95;

double reach_of(const operation_context& context)
{
    const double all = static_cast<double>(std::max<std::uint64_t>(context.traffic.requests, 1));
    return static_cast<double>(context.now.requests) / all;
}

std::string quantile_name(double quantile)
{
    return "p" + std::to_string(std::lround(quantile * 100));
}

void add_quantiles(model::signal& signal, const operation_context& context, double quantile)
{
    const sketch& now = context.now.durations;
    signal.numbers = {
        {"quantile", quantile},
        {"p50_ms", now.quantile(0.5) / ns_per_ms},
        {"p90_ms", now.quantile(0.9) / ns_per_ms},
        {"p95_ms", now.quantile(0.95) / ns_per_ms},
        {"max_ms", static_cast<double>(now.max()) / ns_per_ms},
        {"share_of_service", reach_of(context)}
    };
}

std::string sensitivity(const operation_context& context)
{
    const detection_limits& limits = context.limits;
    const double n = static_cast<double>(context.now.durations.count());
    const double slow = detectable_rate(limits.latency_drift * 0.1, n, limits.latency_alpha);
    const std::string traffic = count_text(context.now.durations.count()) + " answers a window";
    if (slow >= 1)
        return "With " + traffic + " one window alone cannot prove a shift; several are tested together.";
    return "With " + traffic + " one window shows a slowdown that lifts " + share_text(slow) +
           " of them above the normal p90.";
}

void fill_shift(model::signal& signal, const operation_context& context, const shift_result& found)
{
    const level& normal = context.known->normal;
    const std::string name = quantile_name(found.quantile);
    signal.metric = name + " of the response time";
    signal.unit = "ns";
    signal.observed = found.observed_ns;
    signal.observed_k = found.above;
    signal.observed_n = found.n;
    signal.baseline = found.baseline_ns;
    signal.baseline_n = static_cast<std::uint64_t>(std::llround(normal.durations.count()));
    signal.effect = found.baseline_ns > 0 ? found.observed_ns / found.baseline_ns : found.observed_ns;
    signal.p_value = found.p;
    signal.rule = "exceedance of normal " + name + " < " + alpha_text(context.limits.latency_alpha) + " and >= " +
                  ratio_text(context.limits.latency_ratio_min) + " x";
    signal.explanation = operation_name(context.now.operation.view()) + " slowed down: " + name + " is " +
                         duration_text(found.observed_ns) + " since " + clock_text(found.since_ns) + ", normal is " +
                         duration_text(found.baseline_ns) + "; " +
                         share_of_text(static_cast<double>(found.above), static_cast<double>(found.n)) +
                         " answers were slower than that, " +
                         count_text(static_cast<std::uint64_t>(
                             std::llround(static_cast<double>(found.n) * (1 - found.quantile))
                         )) +
                         " would be usual.";
    signal.sensitivity = sensitivity(context);
    signal.confirm_with = model::confirm_metric::latency_quantile;
    signal.gate = latency_gate(found.baseline_ns, context.limits);
    signal.trace_ids = context.now.slow_trace_ids;
    add_quantiles(signal, context, found.quantile);
    signal.numbers.emplace_back("windows_tested", found.windows);
}

std::string literal_explanation(const operation_context& context, double observed_ns, double normal_ns)
{
    std::string text = operation_name(context.now.operation.view()) + " p95 is " + duration_text(observed_ns) +
                       " over " + count_text(context.now.durations.count()) + " answers";
    if (normal_ns > 0)
        return text + "; the median p95 of the earlier windows is " + duration_text(normal_ns) + ".";
    return text + "; fewer than " + std::to_string(context.limits.literal_windows_min) + " earlier windows are known.";
}

// p95 against the median p95 of the earlier windows, as asked for by name; no test, no second window.
std::optional<candidate> find_literal_latency(const operation_context& context)
{
    const detection_limits& limits = context.limits;
    if (context.now.operation.kind != model::operation_kind::server || context.now.durations.count() < 2)
        return std::nullopt;
    std::vector<float> known = context.known != nullptr ? context.known->list_p95_ns() : std::vector<float>();
    double normal_ns = 0;
    if (known.size() >= limits.literal_windows_min) {
        const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
        std::nth_element(known.begin(), middle, known.end());
        normal_ns = static_cast<double>(*middle);
    }
    const double floor_ns = static_cast<double>(normal_ns > 0 ? limits.literal_floor_ns : limits.literal_cold_ns);
    const double gate = std::max(limits.literal_ratio * normal_ns, floor_ns);
    const double observed = context.now.durations.quantile(literal_quantile);
    if (observed < gate)
        return std::nullopt;

    candidate made;
    made.absolute = true;
    model::signal& signal = made.signal = start_signal(context, model::signal_kind::latency);
    signal.metric = "p95 of the response time";
    signal.unit = "ns";
    signal.observed = observed;
    signal.observed_n = context.now.durations.count();
    signal.baseline = normal_ns;
    signal.effect = normal_ns > 0 ? observed / normal_ns : 0;
    signal.rule = normal_ns > 0 ? "p95 >= " + ratio_text(limits.literal_ratio) + " x baseline p95 over >= " +
                                      std::to_string(limits.literal_windows_min) + " windows, and >= " +
                                      duration_text(floor_ns)
                                : "p95 >= " + duration_text(floor_ns) + " without a baseline";
    signal.explanation = literal_explanation(context, observed, normal_ns);
    signal.sensitivity = "The literal rule: a p95 of few requests is their maximum, so low traffic alarms often.";
    signal.confirm_with = model::confirm_metric::latency_quantile;
    signal.gate = gate;
    signal.trace_ids = context.now.slow_trace_ids;
    signal.severity = observed >= 3000.0 * ns_per_ms   ? model::severity::high
                      : observed >= 1500.0 * ns_per_ms ? model::severity::medium
                                                       : model::severity::low;
    add_quantiles(signal, context, literal_quantile);
    return made;
}

std::string slow_explanation(const operation_context& context, std::uint64_t slow, double observed_ns)
{
    return operation_name(context.now.operation.view()) + " took " +
           duration_text(static_cast<double>(context.limits.slow_query_low_ns)) + " or more in " +
           share_of_text(static_cast<double>(slow), static_cast<double>(context.now.durations.count())) +
           " calls since " + clock_text(context.now.first_start_ns) + "; p95 " +
           duration_text(context.now.durations.quantile(0.95)) + ", the slowest " + duration_text(observed_ns) + ".";
}

// By the clock alone, while there is no baseline to ask.
std::optional<candidate> find_plainly_slow(const operation_context& context)
{
    const detection_limits& limits = context.limits;
    const bool literal = limits.profile == detection_profile::agent_factory;
    const sketch& now = context.now.durations;
    // Values in the bucket of the threshold itself count only when the maximum proves it.
    std::uint64_t slow = now.count_above(static_cast<double>(limits.slow_query_low_ns));
    if (slow == 0 && now.max() >= limits.slow_query_low_ns)
        slow = 1;
    if (slow < (literal ? 1 : limits.slow_query_calls_min))
        return std::nullopt;

    const double observed = static_cast<double>(now.max());
    candidate made;
    made.absolute = true;
    made.blocks = false;
    model::signal& signal = made.signal = start_signal(context, model::signal_kind::slow_query);
    signal.metric = "slowest call";
    signal.unit = "ns";
    signal.observed = observed;
    signal.observed_k = slow;
    signal.observed_n = now.count();
    signal.effect = observed / static_cast<double>(limits.slow_query_low_ns);
    signal.rule = std::to_string(literal ? 1 : limits.slow_query_calls_min) + " or more calls of >= " +
                  duration_text(static_cast<double>(limits.slow_query_low_ns));
    signal.explanation = slow_explanation(context, slow, observed);
    signal.sensitivity = "Learning: without a baseline only the clock decides.";
    signal.confirm_with = model::confirm_metric::latency_quantile;
    signal.gate = static_cast<double>(limits.slow_query_low_ns);
    signal.trace_ids = context.now.slow_trace_ids;
    signal.severity = slow_query_severity(
        literal ? observed : now.quantile(0.95), limits.slow_query_medium_ns, limits.slow_query_high_ns
    );
    add_quantiles(signal, context, 0.9);
    return made;
}

}  // namespace

namespace {

// A slow dependency is told by the requests that wait for it, which a replay can measure. Its calls are
// looked at themselves only where nothing comes in: workers, jobs.
bool waits_for_nobody(const service_window& window)
{
    return std::none_of(window.operations.begin(), window.operations.end(), [](const operation_summary& one) {
        return one.operation.kind == model::operation_kind::server;
    });
}

}  // namespace

std::optional<candidate> find_latency(const operation_context& context)
{
    if (context.limits.profile == detection_profile::agent_factory)
        return find_literal_latency(context);
    const auto kind = context.now.operation.kind;
    if ((kind != model::operation_kind::server && kind != model::operation_kind::client) || !context.ready())
        return std::nullopt;
    if (kind == model::operation_kind::client && !waits_for_nobody(context.window))
        return std::nullopt;
    const auto found = find_shift(context);
    if (!found)
        return std::nullopt;
    candidate made;
    made.windows = found->windows;
    made.signal = start_signal(context, model::signal_kind::latency);
    fill_shift(made.signal, context, *found);
    made.signal.severity = latency_severity(found->observed_ns, found->baseline_ns, reach_of(context));
    return made;
}

std::optional<candidate> find_slow_query(const operation_context& context)
{
    if (context.now.operation.kind != model::operation_kind::db || context.now.durations.empty())
        return std::nullopt;
    if (!context.ready() || context.limits.profile == detection_profile::agent_factory)
        return find_plainly_slow(context);
    const auto found = find_shift(context);
    if (!found)
        return std::nullopt;
    candidate made;
    made.windows = found->windows;
    made.signal = start_signal(context, model::signal_kind::slow_query);
    fill_shift(made.signal, context, *found);
    made.signal.metric = quantile_name(found->quantile) + " of the statement's time";
    made.signal.severity = slow_query_severity(
        std::max(found->observed_ns, context.now.durations.quantile(0.95)), context.limits.slow_query_medium_ns,
        context.limits.slow_query_high_ns
    );
    return made;
}

}  // namespace reprise::detect
