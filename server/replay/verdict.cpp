#include "reprise/replay/trial.hpp"

#include "measure.hpp"
#include "trial_totals.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace reprise::replay {
namespace {

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

std::string interval_text(std::uint64_t k, std::uint64_t n)
{
    const detect::interval rate = detect::binomial_interval(k, n);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.0f to %.0f %%", std::floor(rate.low * 100), std::ceil(rate.high * 100));
    return text.data();
}

// "3 of 50"
std::string of_text(std::uint64_t k, std::uint64_t n)
{
    return std::to_string(k) + " of " + std::to_string(n);
}

// What "again" means: the captured error itself, or the class of the answer alone.
std::string again_text(const trial_plan& plan, const trial_totals& sum)
{
    if (matches_by_fingerprint(plan))
        return " with the captured error (by fingerprint; by class " + std::to_string(sum.k_class) + ")";
    return needs_traces(plan) ? "" : " (by class; the captured answers show no message)";
}

std::string share_text(const trial_plan& plan, const trial_totals& sum)
{
    std::string text = of_text(sum.k, sum.n) + " failing requests failed again" + again_text(plan, sum);
    if (!plan.last_good_target.empty())
        text += ", " + of_text(sum.last_good_k, sum.last_good_n) + " of them against the last-good target";
    if (sum.control_n > 0 || plan.last_good_target.empty())
        return text + ", " + of_text(sum.control_k, sum.control_n) + " good ones failed";
    return text + "; there were no good ones to check the target with";
}

// " with 100 in flight at once (60 or more, 8 for the good ones)"
std::string peak_text(const trial_plan& plan, const trial_totals& sum)
{
    if (plan.peak_gate <= 0)
        return {};
    const std::string good =
        sum.control_n > 0 ? ", " + std::to_string(sum.control_peak_in_flight) + " for the good ones" : "";
    return " with " + std::to_string(sum.peak_in_flight) + " in flight at once (" +
           value_text(plan, plan.peak_gate) + " or more" + good + ")";
}

std::string counts_text(const trial_plan& plan, const trial_totals& sum)
{
    if (plan.metric == model::confirm_metric::failing_share)
        return share_text(plan, sum);
    std::string text = plan.metric_text + ": " + value_text(plan, middle(sum.values)) + " for the failing requests (" +
                       value_text(plan, plan.gate) + " or more shows it)" + peak_text(plan, sum);
    if (!plan.last_good_target.empty())
        text += ", " + value_text(plan, middle(sum.last_good_values)) + " for the same against the last-good target";
    else if (sum.control_n == 0)
        return text + ", compared with the recorded baseline";
    if (sum.control_n == 0)
        return text + "; there were no good ones to check the target with";
    text += ", " + value_text(plan, middle(sum.control_values)) + " for the good ones";
    return sum.with_baseline ? text + ", which show it too, so the gate alone was the measure" : text;
}

// Together the trials may show what each is too small to show.
bool shows_pooled(const trial_plan& plan, const trial_totals& sum)
{
    if (plan.metric != model::confirm_metric::failing_share || sum.k == 0)
        return false;
    const bool has_last_good = !plan.last_good_target.empty();
    const double p_value = detect::fisher_exact_greater(
        sum.k, sum.n, has_last_good ? sum.last_good_k : sum.control_k, has_last_good ? sum.last_good_n : sum.control_n
    );
    return share(static_cast<double>(sum.k), static_cast<double>(sum.n)) >= plan.gate && p_value < plan.limits.p_max;
}

void conclude(run_result& result, model::verdict verdict, std::string code, std::string reason)
{
    result.verdict = verdict;
    result.reason_code = std::move(code);
    result.reason = std::move(reason);
}

// What kept the trials from saying anything, as a reason code and a sentence.
struct obstacle_text {
    std::string_view code;
    std::string sentence;
};

// `trials`: "In 3 of 5 trials".
obstacle_text describe_last_good(const trial_plan& plan, const trial_totals& sum, const std::string& trials)
{
    const std::string target = "the last-good target " + plan.last_good_target;
    switch (sum.most_frequent()) {
    case trial_defect::last_good_setup_failed:
        return {"setup_failed", trials + " requests to " + target + " could not be sent: " +
                                    sum.last_good_setup_failure + "."};
    case trial_defect::last_good_unmeasured:
        return {"no_telemetry", trials + " the telemetry of " + target +
                                    " about the replayed requests did not arrive; it must send its spans or RRPair "
                                    "records here, as the target does."};
    case trial_defect::last_good_abnormal:
        return {"last_good_abnormal", trials + " " + target +
                                          " turned most of the same requests away or failed in another way (" +
                                          of_text(sum.last_good_refused, sum.last_good_answered) +
                                          " answers in all), so there is nothing to compare with; check its address, "
                                          "its data and who may sign in there."};
    case trial_defect::last_good_shows_it:
        return {"last_good_shows_it", trials + " " + target +
                                          " shows it as well, so it is no regression between the two: " +
                                          counts_text(plan, sum) + "."};
    default:
        return {"last_good_unanswered", "The last-good target " + plan.last_good_target + " answered only " +
                                            of_text(sum.last_good_answered, sum.last_good_planned) + " requests; in " +
                                            std::to_string(sum.with(trial_defect::last_good_unanswered)) +
                                            " trials there was nothing to compare with."};
    }
}

obstacle_text describe_defect(const run_result& result, const trial_plan& plan, const trial_totals& sum)
{
    const trial_defect defect = sum.most_frequent();
    const std::string count = of_text(sum.with(defect), result.trials.size()) + " trials";
    switch (defect) {
    case trial_defect::none:
    case trial_defect::unanswered:
        return {"too_few_answered", "The target answered only " +
                                        of_text(
                                            result.requests_answered - sum.last_good_answered,
                                            result.requests_planned - sum.last_good_planned
                                        ) +
                                        " requests; " + count + " had too few answers to say anything."};
    case trial_defect::setup_failed:
        return {"setup_failed", "In " + count + " requests could not be sent: " + sum.setup_failure + "."};
    case trial_defect::unmeasured:
        return {"no_telemetry", "In " + count +
                                    " the target's own telemetry about the replayed requests did not arrive; it must "
                                    "send its spans or RRPair records here."};
    case trial_defect::control_abnormal:
        return {"control_abnormal", "In " + count +
                                        " the good requests were not normal either, so the target itself is off: " +
                                        counts_text(plan, sum) + "."};
    default: return describe_last_good(plan, sum, "In " + count);
    }
}

void conclude_unusable(run_result& result, const trial_plan& plan, const trial_totals& sum)
{
    obstacle_text why = describe_defect(result, plan, sum);
    conclude(result, model::verdict::inconclusive, std::string(why.code), std::move(why.sentence));
}

// One half of a twofold metric shows, the other does not: that is not the signal, and no sign of its absence.
void conclude_in_part(run_result& result, const trial_plan& plan, const trial_totals& sum)
{
    const std::string trials = "In " + of_text(sum.shown_in_part, result.trials.size()) + " trials ";
    const std::string counts = counts_text(plan, sum) + ".";
    if (plan.metric == model::confirm_metric::failing_share) {
        conclude(
            result, model::verdict::inconclusive, "other_error",
            trials + "the failing requests failed again, but with another error than the captured one, which it may "
                     "hide: " + counts
        );
    } else {
        conclude(
            result, model::verdict::inconclusive, "fewer_in_flight",
            trials + "as many calls came within 50 ms, but fewer were in flight at once; a dependency that answers "
                     "faster than the recorded one may hide it: " + counts
        );
    }
}

void conclude_usable(run_result& result, const trial_plan& plan, const trial_totals& sum)
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
    } else if (sum.shown_in_part > 0) {
        conclude_in_part(result, plan, sum);
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

void add_last_good_numbers(run_result& result, const trial_plan& plan, const trial_totals& sum)
{
    if (plan.metric == model::confirm_metric::failing_share) {
        result.numbers.emplace_back("last_good_failed", static_cast<double>(sum.last_good_k));
        result.numbers.emplace_back("last_good_sent", static_cast<double>(sum.last_good_n));
    } else {
        result.numbers.emplace_back("last_good_median", middle(sum.last_good_values));
    }
}

void add_numbers(run_result& result, const trial_plan& plan, const trial_totals& sum)
{
    double arrivals = 0;
    double calls = 0;
    for (const trial& done : result.trials) {
        arrivals = std::max(arrivals, static_cast<double>(done.max_arrivals_50ms));
        calls = std::max(calls, static_cast<double>(done.calls_per_parent));
    }
    const detect::interval shown = detect::binomial_interval(sum.shown, result.trials.size());
    result.numbers = {
        {"trials_shown", sum.shown},
        {"trials_usable", sum.usable()},
        {"shown_low", shown.low},
        {"shown_high", shown.high}
    };
    if (plan.metric == model::confirm_metric::failing_share) {
        const detect::interval failed = detect::binomial_interval(sum.k, sum.n);
        result.numbers.emplace_back("failed_again_low", failed.low);
        result.numbers.emplace_back("failed_again_high", failed.high);
        result.numbers.emplace_back("failed_again", static_cast<double>(sum.k));
        result.numbers.emplace_back("failed_by_class", static_cast<double>(sum.k_class));
        if (matches_by_fingerprint(plan))
            result.numbers.emplace_back("failed_by_fingerprint", static_cast<double>(sum.k));
        result.numbers.emplace_back("failing_sent", static_cast<double>(sum.n));
        result.numbers.emplace_back("control_failed", static_cast<double>(sum.control_k));
        result.numbers.emplace_back("control_sent", static_cast<double>(sum.control_n));
    } else {
        result.numbers.emplace_back("failing_median", middle(sum.values));
        result.numbers.emplace_back("control_median", middle(sum.control_values));
    }
    if (!plan.last_good_target.empty())
        add_last_good_numbers(result, plan, sum);
    if (needs_traces(plan)) {
        result.numbers.emplace_back("peak_in_flight", sum.peak_in_flight);
        result.numbers.emplace_back("control_peak_in_flight", sum.control_peak_in_flight);
        result.numbers.emplace_back("max_arrivals_50ms", arrivals);
        result.numbers.emplace_back("calls_per_parent", calls);
    }
    if (sum.with_baseline)
        result.numbers.emplace_back("compared_with_baseline", 1);
}

}  // namespace

std::optional<run_result> find_obstacle(const trial_plan& plan)
{
    if (!plan.control.empty() || !plan.last_good_target.empty() || is_structural(plan))
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
    const trial_totals sum = sum_up(plan, result.trials);
    if (sum.usable() < std::min<std::size_t>(plan.limits.trials_to_reproduce, plan.limits.trials))
        conclude_unusable(result, plan, sum);
    else
        conclude_usable(result, plan, sum);
    add_numbers(result, plan, sum);
    return result;
}

}  // namespace reprise::replay
