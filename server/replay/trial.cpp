#include "reprise/replay/trial.hpp"

#include "measure.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

// Fewer errors than this are not expected of any control, however clean the baseline.
constexpr double control_error_rate_min = 0.01;

std::uint64_t count_at_least(const std::vector<double>& values, double gate)
{
    const auto passes = [gate](double value) { return value >= gate; };
    return static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), passes));
}

double summarise(const trial_plan& plan, const arm_sample& sample)
{
    switch (plan.metric) {
    case model::confirm_metric::failing_share:
        return sample.values.empty() ? 0
                                     : static_cast<double>(count_at_least(sample.values, 1)) /
                                           static_cast<double>(sample.values.size());
    case model::confirm_metric::latency_quantile: return nearest_rank(sample.values, plan.quantile);
    case model::confirm_metric::calls_per_parent: return nearest_rank(sample.values, 0.5);
    // The most that one request reached, as the signal was measured: a busy target stretches single bursts.
    case model::confirm_metric::burst: return nearest_rank(sample.values, 1);
    }
    return 0;
}

bool is_control_normal(const trial_plan& plan, const trial& measured, const arm_sample& control)
{
    if (control.values.empty())
        return false;
    if (plan.metric != model::confirm_metric::failing_share)
        return measured.control < plan.gate;
    const double rate = std::max(plan.baseline, control_error_rate_min);
    return detect::binomial_upper_tail(*measured.control_k, measured.control_n, rate) >= plan.limits.p_max;
}

// The chance that the failing requests are that much worse than `other` by luck.
double compare_with(const trial_plan& plan, const arm_sample& failing, const arm_sample& other)
{
    if (plan.metric == model::confirm_metric::failing_share) {
        return detect::fisher_exact_greater(
            count_at_least(failing.values, 1), failing.values.size(), count_at_least(other.values, 1),
            other.values.size()
        );
    }
    return detect::mann_whitney_greater(failing.values, other.values);
}

// Under chance as many requests stay below the gate as pass it.
double compare_with_gate(const trial_plan& plan, const arm_sample& failing)
{
    return detect::binomial_upper_tail(count_at_least(failing.values, plan.gate), failing.values.size(), 0.5);
}

bool passes_gate(const trial_plan& plan, double metric) noexcept
{
    return metric >= plan.gate && metric > 0;
}

// Few reports about many answers: the measurement is missing, not the calls.
bool is_measured(const trial_plan& plan, std::uint32_t traced, std::uint32_t answered)
{
    return !needs_traces(plan) || traced >= plan.limits.answered_share_min * answered;
}

last_good_sample sum_up_last_good(const trial_plan& plan, const arm_sample& sample)
{
    last_good_sample made;
    made.metric = summarise(plan, sample);
    made.n = sample.values.size();
    if (plan.metric == model::confirm_metric::failing_share)
        made.k = count_at_least(sample.values, 1);
    made.planned = sample.planned;
    made.answered = sample.answered;
    made.refused = sample.refused;
    made.measured = is_measured(plan, sample.traced, sample.answered);
    const double needed = plan.limits.answered_share_min;
    made.usable = made.measured && share(made.answered, made.planned) >= needed &&
                  share(made.answered - made.refused, made.answered) >= needed;
    return made;
}

}  // namespace

trial decide_trial(
    const trial_plan& plan, std::uint32_t number, std::span<const request_record> requests,
    std::span<const model::observation> observed
)
{
    const arm_sample failing = measure_arm(plan, arm::failing, requests, observed);
    const arm_sample control = measure_arm(plan, arm::control, requests, observed);
    const arm_sample last_good = measure_arm(plan, arm::last_good, requests, observed);
    trial made;
    made.number = number;
    made.metric = summarise(plan, failing);
    made.control = summarise(plan, control);
    made.n = failing.values.size();
    made.control_n = control.values.size();
    if (plan.metric == model::confirm_metric::failing_share) {
        made.k = count_at_least(failing.values, 1);
        made.control_k = count_at_least(control.values, 1);
    }
    made.planned = failing.planned + control.planned + last_good.planned;
    made.sent = failing.sent + control.sent + last_good.sent;
    made.answered = failing.answered + control.answered + last_good.answered;
    made.failing_planned = failing.planned;
    made.failing_answered = failing.answered;
    made.control_planned = control.planned;
    made.control_answered = control.answered;
    made.peak_in_flight = failing.peak_in_flight;
    made.max_arrivals_50ms = failing.max_arrivals_50ms;
    made.calls_per_parent = failing.calls_per_parent;

    made.measured = is_measured(plan, failing.traced + control.traced, failing.answered + control.answered) &&
                    (!needs_traces(plan) || failing.traced > 0);
    made.control_normal = is_control_normal(plan, made, control);
    made.gate_passed = passes_gate(plan, made.metric);
    if (!plan.last_good_target.empty()) {
        made.p_value = compare_with(plan, failing, last_good);
        made.last_good = sum_up_last_good(plan, last_good);
        made.last_good->shows = made.gate_passed && passes_gate(plan, made.last_good->metric) &&
                                made.p_value >= plan.limits.p_max;
    } else {
        made.compared_with_baseline = is_structural(plan) && !made.control_normal;
        made.p_value = made.compared_with_baseline ? compare_with_gate(plan, failing)
                                                   : compare_with(plan, failing, control);
    }
    made.shows = made.measured && made.gate_passed && made.p_value < plan.limits.p_max && has_answers(plan, made) &&
                 is_target_normal(plan, made) && (!made.last_good || made.last_good->usable);
    return made;
}

}  // namespace reprise::replay
