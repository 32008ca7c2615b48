#include "operation_context.hpp"
#include "sentence.hpp"
#include "severity.hpp"
#include "risen_share.hpp"

#include "reprise/detect/stats.hpp"

#include <cmath>

namespace reprise::detect {
namespace {

constexpr std::string_view beyond_429 = " (429 not counted)";

std::optional<share_result> find_cold_share(const operation_context& context)
{
    const auto& now = context.now;
    share_result found;
    found.k = now.outcomes[static_cast<std::size_t>(model::outcome::server_error)];
    found.n = now.requests;
    found.since_ns = now.first_failing_ns;
    found.normal = normal_share(context, share_of::failing);
    const detection_limits& limits = context.limits;
    if (found.n < limits.cold_requests_min || found.share() < limits.cold_error_share_min ||
        found.k < limits.errors_min)
        return std::nullopt;
    return found;
}

std::string sensitivity(const operation_context& context, const share_result& found)
{
    if (!context.ready()) {
        return "Learning: until " + std::to_string(context.limits.windows_min) + " windows and " +
               count_text(context.limits.requests_min) + " requests are known, only a share of " +
               share_text(context.limits.cold_error_share_min) + " or more is reported.";
    }
    const double n = static_cast<double>(context.now.requests);
    const double seen = detectable_rate(found.normal.rate(), n, context.limits.error_alpha);
    const std::string traffic = count_text(context.now.requests) + " requests a window";
    if (seen >= 1)
        return "With " + traffic + " one window alone cannot prove a rise; several are tested together.";
    return "With " + traffic + " one window shows a share of " + share_text(seen) + " or more.";
}

std::string explanation(const operation_context& context, const share_result& found)
{
    std::string text = operation_name(context.now.operation.view()) + " failed " +
                       share_of_text(static_cast<double>(found.k), static_cast<double>(found.n)) +
                       (context.now.operation.kind == model::operation_kind::db ? " statements (" : " requests (") +
                       share_text(found.share()) + ")";
    if (context.now.operation.kind == model::operation_kind::client && context.now.throttled() > 0)
        text += beyond_429;
    text += " since " + clock_text(found.since_ns);
    const share_baseline& normal = found.normal;
    if (!context.ready())
        return text + "; what is normal is still being learned.";
    return text + "; normal is " + share_text(normal.n > 0 ? normal.k / normal.n : 0) + " (" +
           share_of_text(normal.k, normal.n) + ").";
}

}  // namespace

std::optional<candidate> find_error_rate(const operation_context& context)
{
    const auto kind = context.now.operation.kind;
    if (kind == model::operation_kind::internal || kind == model::operation_kind::messaging)
        return std::nullopt;
    const bool ready = context.ready();
    const auto found = ready ? find_risen_share(context, share_of::failing) : find_cold_share(context);
    if (!found)
        return std::nullopt;

    candidate made;
    made.absolute = !ready;
    made.windows = found->windows;
    model::signal& signal = made.signal = start_signal(context, model::signal_kind::error_rate);
    signal.metric = "share of failing responses";
    signal.unit = "ratio";
    signal.observed = found->share();
    signal.observed_k = found->k;
    signal.observed_n = found->n;
    const share_baseline& normal = found->normal;
    signal.baseline = normal.n > 0 ? normal.k / normal.n : 0;
    signal.baseline_k = static_cast<std::uint64_t>(std::llround(normal.k));
    signal.baseline_n = static_cast<std::uint64_t>(std::llround(normal.n));
    signal.effect = signal.observed - signal.baseline;
    if (ready)
        signal.p_value = found->p;
    signal.rule = ready ? "beta-binomial tail < " + alpha_text(context.limits.error_alpha)
                        : "at least " + share_text(context.limits.cold_error_share_min) + " of at least " +
                              count_text(context.limits.cold_requests_min) + " requests answered with 5xx";
    signal.explanation = explanation(context, *found);
    signal.sensitivity = sensitivity(context, *found);
    signal.confirm_with = model::confirm_metric::failing_share;
    signal.gate = ready ? share_gate(normal.rate(), context.limits) : context.limits.cold_error_share_min;
    signal.trace_ids = context.now.failing_trace_ids;

    const double service_requests = static_cast<double>(std::max<std::uint64_t>(context.traffic.requests, 1));
    const double reach = static_cast<double>(share_count(context.now, share_of::failing)) / service_requests;
    signal.severity = share_severity(found->k, signal.observed, reach);
    signal.numbers = {
        {"share_of_service", reach},
        {"windows_tested", found->windows},
        {"expected_share", normal.rate()},
        {"failing_traces_at_least", context.now.failing_traces}
    };
    return made;
}

}  // namespace reprise::detect
