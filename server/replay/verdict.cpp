#include "reprise/replay/trial.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace reprise::replay {
namespace {

bool is_structural(const trial_plan& plan) noexcept
{
    return plan.metric == model::confirm_metric::calls_per_parent || plan.metric == model::confirm_metric::burst;
}

double share(double k, double n) noexcept
{
    return n > 0 ? k / n : 0;
}

// A failing request may be silent (that is how some fail); then the good ones say whether the target lives.
bool has_answers(const trial_plan& plan, const trial& done)
{
    const double needed = plan.limits.answered_share_min;
    const bool silence_counts = plan.metric == model::confirm_metric::failing_share && !needs_traces(plan);
    const double control_share = share(done.control_answered, done.control_planned);
    const bool control_answers = done.control_planned == 0 || control_share >= needed;
    return control_answers && (silence_counts || share(done.failing_answered, done.failing_planned) >= needed);
}

bool is_usable(const trial_plan& plan, const trial& done)
{
    return has_answers(plan, done) && done.measured && (done.control_normal || done.compared_with_baseline);
}

bool is_input_redacted(const trial_plan& plan)
{
    const auto is_input = [](const std::string& field) {
        return field.starts_with("request.") && !field.starts_with("request.header");
    };
    return std::any_of(plan.failing.begin(), plan.failing.end(), [&](const model::exchange& exchange) {
        return std::any_of(exchange.redacted_fields.begin(), exchange.redacted_fields.end(), is_input);
    });
}

std::string value_text(const trial_plan& plan, double value)
{
    if (plan.unit == "ns")
        return format_duration(static_cast<std::int64_t>(value));
    std::array<char, 64> text{};
    const bool is_ratio = plan.unit == "ratio";
    const int size = std::snprintf(
        text.data(), text.size(), is_ratio ? "%.1f %%" : "%.0f", is_ratio ? value * 100 : std::min(value, 1e15)
    );
    return std::string(text.data(), static_cast<std::size_t>(size));
}

struct totals {
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t control_k = 0;
    std::uint64_t control_n = 0;
    std::uint32_t shown = 0;
    std::uint32_t usable = 0;
    std::uint32_t unanswered = 0;
    std::uint32_t unmeasured = 0;
    std::uint32_t control_abnormal = 0;
    bool with_baseline = false;
    std::vector<double> values;
    std::vector<double> control_values;
};

totals sum_up(const trial_plan& plan, const std::vector<trial>& trials)
{
    totals sum;
    for (const trial& done : trials) {
        sum.k += done.k.value_or(0);
        sum.n += done.n;
        sum.control_k += done.control_k.value_or(0);
        sum.control_n += done.control_n;
        const bool usable = is_usable(plan, done);
        sum.usable += usable ? 1U : 0U;
        sum.shown += usable && done.shows ? 1U : 0U;
        if (!has_answers(plan, done))
            ++sum.unanswered;
        else if (!done.measured)
            ++sum.unmeasured;
        else if (!usable)
            ++sum.control_abnormal;
        sum.with_baseline = sum.with_baseline || done.compared_with_baseline;
        sum.values.push_back(done.metric);
        sum.control_values.push_back(done.control);
    }
    std::sort(sum.values.begin(), sum.values.end());
    std::sort(sum.control_values.begin(), sum.control_values.end());
    return sum;
}

double middle(const std::vector<double>& sorted)
{
    return sorted.empty() ? 0 : sorted[(sorted.size() - 1) / 2];
}

std::string interval_text(std::uint64_t k, std::uint64_t n)
{
    const detect::interval rate = detect::binomial_interval(k, n);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.0f to %.0f %%", std::floor(rate.low * 100), std::ceil(rate.high * 100));
    return text.data();
}

std::string counts_text(const trial_plan& plan, const totals& sum)
{
    if (plan.metric == model::confirm_metric::failing_share) {
        return std::to_string(sum.k) + " of " + std::to_string(sum.n) + " failing requests failed again, " +
               std::to_string(sum.control_k) + " of " + std::to_string(sum.control_n) + " good ones failed";
    }
    std::string text = plan.metric_text + ": " + value_text(plan, middle(sum.values)) + " for the failing requests (" +
                       value_text(plan, plan.gate) + " or more shows it)";
    if (sum.control_n == 0)
        return text + ", compared with the recorded baseline";
    text += ", " + value_text(plan, middle(sum.control_values)) + " for the good ones";
    return sum.with_baseline ? text + ", which show it too, so the gate alone was the measure" : text;
}

// Together the trials may show what each is too small to show.
bool shows_pooled(const trial_plan& plan, const totals& sum)
{
    return plan.metric == model::confirm_metric::failing_share && sum.n > 0 &&
           share(static_cast<double>(sum.k), static_cast<double>(sum.n)) >= plan.gate && sum.k > 0 &&
           detect::fisher_exact_greater(sum.k, sum.n, sum.control_k, sum.control_n) < plan.limits.p_max;
}

void conclude(run_result& result, model::verdict verdict, std::string code, std::string reason)
{
    result.verdict = verdict;
    result.reason_code = std::move(code);
    result.reason = std::move(reason);
}

void conclude_unusable(run_result& result, const trial_plan& plan, const totals& sum)
{
    const std::string of = " of " + std::to_string(result.trials.size()) + " trials";
    if (sum.unanswered >= std::max(sum.unmeasured, sum.control_abnormal)) {
        conclude(
            result, model::verdict::inconclusive, "too_few_answered",
            "The target answered only " + std::to_string(result.requests_answered) + " of " +
                std::to_string(result.requests_planned) + " requests; " + std::to_string(sum.unanswered) + of +
                " had too few answers to say anything."
        );
    } else if (sum.unmeasured >= sum.control_abnormal) {
        conclude(
            result, model::verdict::inconclusive, "no_telemetry",
            "In " + std::to_string(sum.unmeasured) + of +
                " the target's own telemetry about the replayed requests did not arrive; it must send its spans or "
                "RRPair records here."
        );
    } else {
        conclude(
            result, model::verdict::inconclusive, "control_abnormal",
            "In " + std::to_string(sum.control_abnormal) + of +
                " the good requests were not normal either, so the target itself is off: " +
                counts_text(plan, sum) + "."
        );
    }
}

void conclude_usable(run_result& result, const trial_plan& plan, const totals& sum)
{
    const std::string shown =
        std::to_string(sum.shown) + " of " + std::to_string(result.trials.size()) + " trials show it (" +
        interval_text(sum.shown, result.trials.size()) + " with 95 % confidence)";
    const std::string counts = counts_text(plan, sum);
    if (sum.shown >= plan.limits.trials_to_reproduce) {
        conclude(result, model::verdict::reproduced, "shown", shown + ": " + counts + ".");
    } else if (sum.shown > 0 || shows_pooled(plan, sum)) {
        conclude(
            result, model::verdict::flaky, "some_trials",
            shown + ", " + std::to_string(plan.limits.trials_to_reproduce) + " are needed: " + counts + "."
        );
    } else if (is_input_redacted(plan)) {
        conclude(
            result, model::verdict::inconclusive, "redacted_input",
            "It did not show again, but parts of the failing requests' path, query or body were redacted before they "
            "were stored: " + counts + "."
        );
    } else {
        conclude(result, model::verdict::not_reproduced, "not_shown", "None of " +
                 std::to_string(result.trials.size()) + " trials show it (" +
                 interval_text(0, result.trials.size()) + " with 95 % confidence): " + counts + ".");
    }
}

void add_numbers(run_result& result, const trial_plan& plan, const totals& sum)
{
    double peak = 0;
    double arrivals = 0;
    double calls = 0;
    for (const trial& done : result.trials) {
        peak = std::max(peak, static_cast<double>(done.peak_in_flight));
        arrivals = std::max(arrivals, static_cast<double>(done.max_arrivals_50ms));
        calls = std::max(calls, static_cast<double>(done.calls_per_parent));
    }
    const detect::interval shown = detect::binomial_interval(sum.shown, result.trials.size());
    result.numbers = {
        {"trials_shown", sum.shown}, {"trials_usable", sum.usable}, {"shown_low", shown.low}, {"shown_high", shown.high}
    };
    if (plan.metric == model::confirm_metric::failing_share) {
        const detect::interval failed = detect::binomial_interval(sum.k, sum.n);
        result.numbers.emplace_back("failed_again_low", failed.low);
        result.numbers.emplace_back("failed_again_high", failed.high);
        result.numbers.emplace_back("failed_again", static_cast<double>(sum.k));
        result.numbers.emplace_back("failing_sent", static_cast<double>(sum.n));
        result.numbers.emplace_back("control_failed", static_cast<double>(sum.control_k));
        result.numbers.emplace_back("control_sent", static_cast<double>(sum.control_n));
    } else {
        result.numbers.emplace_back("failing_median", middle(sum.values));
        result.numbers.emplace_back("control_median", middle(sum.control_values));
    }
    if (needs_traces(plan)) {
        result.numbers.emplace_back("peak_in_flight", peak);
        result.numbers.emplace_back("max_arrivals_50ms", arrivals);
        result.numbers.emplace_back("calls_per_parent", calls);
    }
    if (sum.with_baseline)
        result.numbers.emplace_back("compared_with_baseline", 1);
}

}  // namespace

std::optional<run_result> find_obstacle(const trial_plan& plan)
{
    if (!plan.control.empty() || is_structural(plan))
        return std::nullopt;
    run_result result;
    result.methodology_hash = methodology_hash(plan);
    conclude(
        result, model::verdict::inconclusive, "no_control",
        "The evidence holds no good request of the same operation, so a target that fails everything could not be "
        "told apart; nothing was sent."
    );
    return result;
}

run_result decide_verdict(const trial_plan& plan, std::vector<trial> trials)
{
    run_result result;
    result.trials = std::move(trials);
    result.methodology_hash = methodology_hash(plan);
    for (const trial& done : result.trials) {
        result.requests_planned += done.planned;
        result.requests_sent += done.sent;
        result.requests_answered += done.answered;
    }
    const totals sum = sum_up(plan, result.trials);
    if (sum.usable < std::min<std::size_t>(plan.limits.trials_to_reproduce, plan.limits.trials))
        conclude_unusable(result, plan, sum);
    else
        conclude_usable(result, plan, sum);
    add_numbers(result, plan, sum);
    return result;
}

}  // namespace reprise::replay
