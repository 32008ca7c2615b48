#include "trial_totals.hpp"

#include "measure.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

trial_defect find_last_good_defect(const trial_plan& plan, const last_good_sample& sample)
{
    if (share(sample.answered, sample.planned) < plan.limits.answered_share_min)
        return sample.setup_failure.empty() ? trial_defect::last_good_unanswered : trial_defect::last_good_setup_failed;
    if (!sample.measured)
        return trial_defect::last_good_unmeasured;
    if (!sample.usable)
        return trial_defect::last_good_abnormal;
    return sample.shows ? trial_defect::last_good_shows_it : trial_defect::none;
}

void add_last_good(trial_totals& sum, const last_good_sample& sample)
{
    sum.last_good_k += sample.k.value_or(0);
    sum.last_good_n += sample.n;
    sum.last_good_planned += sample.planned;
    sum.last_good_answered += sample.answered;
    sum.last_good_refused += sample.refused;
    sum.last_good_values.push_back(sample.metric);
    if (sum.last_good_setup_failure.empty())
        sum.last_good_setup_failure = sample.setup_failure;
}

}  // namespace

trial_defect find_defect(const trial_plan& plan, const trial& done)
{
    if (!has_answers(plan, done))
        return done.setup_failure.empty() ? trial_defect::unanswered : trial_defect::setup_failed;
    if (!done.measured)
        return trial_defect::unmeasured;
    if (!is_target_normal(plan, done))
        return trial_defect::control_abnormal;
    return done.last_good ? find_last_good_defect(plan, *done.last_good) : trial_defect::none;
}

trial_defect trial_totals::most_frequent() const noexcept
{
    trial_defect most = trial_defect::unanswered;
    for (std::size_t i = 1; i < by_defect.size(); ++i) {
        if (by_defect[i] > with(most))
            most = static_cast<trial_defect>(i);
    }
    return most;
}

trial_totals sum_up(const trial_plan& plan, const std::vector<trial>& trials)
{
    trial_totals sum;
    for (const trial& done : trials) {
        sum.k += done.k.value_or(0);
        sum.k_class += done.k_class.value_or(0);
        sum.n += done.n;
        sum.control_k += done.control_k.value_or(0);
        sum.control_n += done.control_n;
        const trial_defect defect = find_defect(plan, done);
        ++sum.by_defect[static_cast<std::size_t>(defect)];
        sum.shown += defect == trial_defect::none && done.shows ? 1U : 0U;
        sum.shown_in_part += defect == trial_defect::none && done.shows_in_part ? 1U : 0U;
        sum.peak_in_flight = std::max(sum.peak_in_flight, done.peak_in_flight);
        sum.control_peak_in_flight = std::max(sum.control_peak_in_flight, done.control_peak_in_flight);
        sum.with_baseline = sum.with_baseline || done.compared_with_baseline;
        sum.values.push_back(done.metric);
        sum.control_values.push_back(done.control);
        if (sum.setup_failure.empty())
            sum.setup_failure = done.setup_failure;
        if (done.last_good)
            add_last_good(sum, *done.last_good);
    }
    std::sort(sum.values.begin(), sum.values.end());
    std::sort(sum.control_values.begin(), sum.control_values.end());
    std::sort(sum.last_good_values.begin(), sum.last_good_values.end());
    return sum;
}

double middle(const std::vector<double>& sorted) noexcept
{
    return sorted.empty() ? 0 : sorted[(sorted.size() - 1) / 2];
}

}  // namespace reprise::replay
