#include "reprise/replay/trial.hpp"

#include "measure.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <vector>

namespace reprise::replay {
namespace {

// Fewer errors than this are not expected of any control, however clean the baseline.
constexpr double control_error_rate_min = 0.01;

std::uint64_t count_at_least(const std::vector<double>& values, double gate)
{
    const auto passes = [gate](double value) { return value >= gate; };
    return static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), passes));
}

double summarise(const trial_plan& plan, const std::vector<double>& values)
{
    switch (plan.metric) {
    case model::confirm_metric::failing_share:
        return share(static_cast<double>(count_at_least(values, 1)), static_cast<double>(values.size()));
    case model::confirm_metric::latency_quantile: return nearest_rank(values, plan.quantile);
    case model::confirm_metric::calls_per_parent:
    case model::confirm_metric::trace_figure: return nearest_rank(values, 0.5);
    // The most that one request reached, as the signal was measured: a busy target stretches single bursts.
    case model::confirm_metric::burst: return nearest_rank(values, 1);
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

// The chance that the failing requests are that much worse than `others` by luck.
double compare_with(const trial_plan& plan, const std::vector<double>& failing, const std::vector<double>& others)
{
    if (plan.metric == model::confirm_metric::failing_share) {
        return detect::fisher_exact_greater(
            count_at_least(failing, 1), failing.size(), count_at_least(others, 1), others.size()
        );
    }
    return detect::mann_whitney_greater(failing, others);
}

// Under chance as many requests stay below the gate as pass it.
double compare_with_gate(const std::vector<double>& failing, double gate)
{
    return detect::binomial_upper_tail(count_at_least(failing, gate), failing.size(), 0.5);
}

bool passes_gate(double metric, double gate) noexcept
{
    return metric >= gate && metric > 0;
}

// How a measure of the failing requests stands to its gate and to the same of the others.
struct standing {
    bool passes = false;
    double p_value = 1;

    bool shows(const trial_plan& plan) const noexcept { return passes && p_value < plan.limits.p_max; }
};

// Both halves of a twofold metric; equal where it has but one.
struct standings {
    standing part;
    standing whole;
};

// `others`: what must be worse by luck alone; null when the gate alone is the measure.
standings stand(const trial_plan& plan, const arm_sample& failing, const arm_sample* others)
{
    const auto stand_in = [&](const std::vector<double> arm_sample::* which, double gate) {
        standing made;
        made.passes = passes_gate(summarise(plan, failing.*which), gate);
        made.p_value = others == nullptr ? compare_with_gate(failing.*which, gate)
                                         : compare_with(plan, failing.*which, others->*which);
        return made;
    };
    const standing first = stand_in(&arm_sample::values, plan.gate);
    if (matches_by_fingerprint(plan))
        return {stand_in(&arm_sample::by_class, plan.gate), first};
    if (plan.peak_gate <= 0)
        return {first, first};
    const standing peak = stand_in(&arm_sample::peaks, plan.peak_gate);
    return {first, {first.passes && peak.passes, std::max(first.p_value, peak.p_value)}};
}

// Few reports about many answers: the measurement is missing, not the calls.
bool is_measured(const trial_plan& plan, std::uint32_t traced, std::uint32_t answered)
{
    return !needs_traces(plan) || traced >= plan.limits.answered_share_min * answered;
}

last_good_sample sum_up_last_good(const trial_plan& plan, const arm_sample& sample)
{
    last_good_sample made;
    made.metric = summarise(plan, sample.values);
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

void add_counts(const trial_plan& plan, const arm_sample& failing, const arm_sample& control, trial& into)
{
    if (plan.metric == model::confirm_metric::failing_share) {
        into.k = count_at_least(failing.values, 1);
        into.control_k = count_at_least(control.values, 1);
        into.k_class = needs_traces(plan) ? into.k : count_at_least(failing.by_class, 1);
    }
    if (matches_by_fingerprint(plan))
        into.k_fingerprint = into.k;
    into.failing_planned = failing.planned;
    into.failing_answered = failing.answered;
    into.control_planned = control.planned;
    into.control_answered = control.answered;
    into.peak_in_flight = failing.peak_in_flight;
    into.control_peak_in_flight = control.peak_in_flight;
    into.max_arrivals_50ms = failing.max_arrivals_50ms;
    into.calls_per_parent = failing.calls_per_parent;
}

bool shows_as_well(const trial_plan& plan, const trial& measured, const arm_sample& last_good)
{
    return measured.gate_passed && passes_gate(measured.last_good->metric, plan.gate) &&
           last_good.peak_in_flight >= plan.peak_gate && measured.p_value >= plan.limits.p_max;
}

}  // namespace

bool matches_by_fingerprint(const trial_plan& plan) noexcept
{
    // The target's spans say how its calls ended, not with which words.
    if (plan.metric != model::confirm_metric::failing_share || needs_traces(plan))
        return false;
    const auto& messages = plan.failing_messages;
    return std::any_of(messages.begin(), messages.end(), [](const std::string& text) { return !text.empty(); });
}

trial decide_trial(
    const trial_plan& plan, std::uint32_t number, std::span<const request_record> requests,
    std::span<const model::observation> observed
)
{
    const arm_sample failing = measure_arm(plan, arm::failing, requests, observed);
    const arm_sample control = measure_arm(plan, arm::control, requests, observed);
    const arm_sample last_good = measure_arm(plan, arm::last_good, requests, observed);
    const bool has_last_good = !plan.last_good_target.empty();
    trial made;
    made.number = number;
    made.metric = summarise(plan, failing.values);
    made.control = summarise(plan, control.values);
    made.n = failing.values.size();
    made.control_n = control.values.size();
    made.planned = failing.planned + control.planned + last_good.planned;
    made.sent = failing.sent + control.sent + last_good.sent;
    made.answered = failing.answered + control.answered + last_good.answered;
    add_counts(plan, failing, control, made);

    made.measured = is_measured(plan, failing.traced + control.traced, failing.answered + control.answered) &&
                    (!needs_traces(plan) || failing.traced > 0);
    made.control_normal = is_control_normal(plan, made, control);
    made.compared_with_baseline = !has_last_good && is_structural(plan) && !made.control_normal;
    const arm_sample& others = has_last_good ? last_good : control;
    const standings found = stand(plan, failing, made.compared_with_baseline ? nullptr : &others);
    made.gate_passed = found.whole.passes;
    made.p_value = found.whole.p_value;
    if (has_last_good) {
        made.last_good = sum_up_last_good(plan, last_good);
        made.last_good->shows = shows_as_well(plan, made, last_good);
    }
    const bool says_something = made.measured && has_answers(plan, made) && is_target_normal(plan, made) &&
                                (!made.last_good || made.last_good->usable);
    made.shows = says_something && found.whole.shows(plan);
    made.shows_in_part = says_something && !made.shows && found.part.shows(plan);
    return made;
}

}  // namespace reprise::replay
