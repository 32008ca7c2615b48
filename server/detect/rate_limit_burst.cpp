#include "operation_context.hpp"
#include "sentence.hpp"
#include "severity.hpp"
#include "risen_share.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::detect {
namespace {

std::optional<share_result> find_cold_share(const operation_context& context)
{
    share_result found;
    found.k = context.now.throttled();
    found.n = context.now.requests;
    found.since_ns = context.now.first_failing_ns;
    found.normal = normal_share(context, share_of::throttled);
    const detection_limits& limits = context.limits;
    if (found.k < std::max(limits.cold_throttled_min, limits.errors_min) ||
        found.share() < limits.cold_throttled_share_min)
        return std::nullopt;
    return found;
}

std::uint32_t normal_arrivals(const operation_context& context)
{
    return context.known != nullptr ? context.known->max_arrivals() : 0;
}

// What a replay must reach: above everything normal, or half of what was seen when nothing is known.
double arrivals_gate(std::uint32_t observed, std::uint32_t normal, const detection_limits& limits)
{
    const double by_baseline = std::floor(limits.burst_ratio_min * normal) + 1;
    const double by_observed = std::ceil(observed / 2.0);
    // A burst that met no limit may have become normal: most of what was seen is enough then.
    const double most_of_observed = std::ceil(observed * 0.75);
    return std::max(2.0, normal > 0 ? std::min(by_baseline, most_of_observed) : by_observed);
}

std::string explanation(const operation_context& context, const share_result& found)
{
    const burst_summary& burst = *context.now.burst;
    std::string text = operation_name(context.now.operation.view()) + " was throttled (429) " +
                       share_of_text(static_cast<double>(found.k), static_cast<double>(found.n)) + " times (" +
                       share_text(found.share()) + ") since " + clock_text(found.since_ns);
    if (burst.throttled) {
        const std::int64_t span_ns = burst.throttled->last_ns - burst.throttled->first_ns;
        text += ", " + count_text(burst.throttled->errors) + " of them ";
        text += span_ns > 0 ? "within " + duration_text(static_cast<double>(span_ns)) : "at the same moment";
    }
    text += "; one request sent up to " + count_text(burst.max_arrivals_50ms_of_one_trace) +
            " calls within 50 ms, at most " + count_text(burst.peak_in_flight) + " were in flight";
    const share_baseline& normal = found.normal;
    if (!context.ready())
        return text + "; what is normal is still being learned.";
    return text + "; normal is " + share_text(normal.n > 0 ? normal.k / normal.n : 0) + " (" +
           share_of_text(normal.k, normal.n) + ") and up to " + count_text(normal_arrivals(context)) + " within 50 ms.";
}

void add_burst_numbers(model::signal& signal, const operation_context& context)
{
    const burst_summary& burst = *context.now.burst;
    signal.numbers.insert(
        signal.numbers.end(), {{"peak_in_flight", burst.peak_in_flight},
                               {"max_arrivals_50ms", burst.max_arrivals_50ms},
                               {"max_arrivals_50ms_of_one_trace", burst.max_arrivals_50ms_of_one_trace},
                               {"normal_max_arrivals_50ms", normal_arrivals(context)}}
    );
    if (burst.throttled) {
        const double span_ns = static_cast<double>(burst.throttled->last_ns - burst.throttled->first_ns);
        signal.numbers.emplace_back("throttled_interval_ms", span_ns / ns_per_ms);
        signal.numbers.emplace_back("throttled_in_interval", burst.throttled->errors);
        signal.numbers.emplace_back("calls_in_interval", burst.throttled->calls);
    }
    if (burst.calls_kept < burst.calls)
        signal.numbers.emplace_back("burst_measured_on_newest_calls", static_cast<double>(burst.calls_kept));
}

// Chooses between the burst itself and the share of 429, which is all there is when calls did not come densely.
void choose_metric(model::signal& signal, const operation_context& context, const share_result& found)
{
    const std::uint32_t arrivals = context.now.burst->max_arrivals_50ms_of_one_trace;
    const std::uint32_t normal = normal_arrivals(context);
    if (arrivals >= context.limits.burst_arrivals_min) {
        signal.metric = "calls of one request within 50 ms";
        signal.unit = "count";
        signal.observed = arrivals;
        signal.baseline = normal;
        signal.effect = signal.observed / std::max(1.0, signal.baseline);
        signal.confirm_with = model::confirm_metric::burst;
        signal.gate = arrivals_gate(arrivals, normal, context.limits);
        return;
    }
    signal.metric = "share of throttled calls";
    signal.unit = "ratio";
    signal.observed = found.share();
    signal.baseline = found.normal.n > 0 ? found.normal.k / found.normal.n : 0;
    signal.effect = signal.observed - signal.baseline;
    signal.confirm_with = model::confirm_metric::failing_share;
    signal.gate = share_gate(found.normal.rate(), context.limits);
}

}  // namespace

std::optional<candidate> find_rate_limit_burst(const operation_context& context)
{
    if (!context.now.burst || context.now.throttled() == 0)
        return std::nullopt;
    const bool ready = context.ready();
    const auto found = ready ? find_risen_share(context, share_of::throttled) : find_cold_share(context);
    if (!found)
        return std::nullopt;

    candidate made;
    made.absolute = !ready;
    made.windows = found->windows;
    model::signal& signal = made.signal = start_signal(context, model::signal_kind::rate_limit_burst);
    choose_metric(signal, context, *found);
    signal.observed_k = found->k;
    signal.observed_n = found->n;
    signal.baseline_k = static_cast<std::uint64_t>(std::llround(found->normal.k));
    signal.baseline_n = static_cast<std::uint64_t>(std::llround(found->normal.n));
    if (ready)
        signal.p_value = found->p;
    signal.rule = ready ? "beta-binomial tail of 429 < " + alpha_text(context.limits.error_alpha)
                        : "429 >= " + count_text(context.limits.cold_throttled_min) + " and >= " +
                              share_text(context.limits.cold_throttled_share_min);
    signal.explanation = explanation(context, *found);
    signal.sensitivity = "Bursts are measured on the newest " + count_text(context.now.burst->calls_kept) + " of " +
                         count_text(context.now.burst->calls) + " calls of the window, to the microsecond.";
    signal.trace_ids = context.now.failing_trace_ids;

    const double service_requests = static_cast<double>(std::max<std::uint64_t>(context.traffic.requests, 1));
    const double reach = static_cast<double>(context.now.throttled()) / service_requests;
    signal.severity = share_severity(found->k, found->share(), reach);
    signal.numbers = {
        {"throttled_share", found->share()}, {"share_of_service", reach}, {"windows_tested", found->windows}
    };
    add_burst_numbers(signal, context);
    return made;
}

}  // namespace reprise::detect
