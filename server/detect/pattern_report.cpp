#include "reprise/detect/trace_analysis.hpp"

#include "line_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace reprise::detect {
namespace {

using traces = std::vector<const model::trace_summary*>;

constexpr std::size_t stragglers_named_max = 10;
constexpr std::size_t payload_sizes_min = 3;
constexpr std::size_t step_runs_min = 3;

// Nearest rank: a value that some trace really had.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share)
{
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

void add_durations(model::pattern_report& report, const traces& all)
{
    std::vector<std::int64_t> walls;
    double sum_ns = 0;
    std::array<double, model::time_class_count> times{};
    for (const model::trace_summary* one : all) {
        walls.push_back(one->wall_ns);
        sum_ns += static_cast<double>(one->wall_ns);
        for (std::size_t index = 0; index < times.size(); ++index)
            times[index] += static_cast<double>(one->times[index]);
    }
    std::sort(walls.begin(), walls.end());
    report.wall_mean_ns = sum_ns / static_cast<double>(all.size());
    report.wall_p50_ns = percentile(walls, 0.5);
    report.wall_p90_ns = percentile(walls, 0.9);
    report.wall_p99_ns = percentile(walls, 0.99);
    report.wall_max_ns = walls.back();
    for (std::size_t index = 0; sum_ns > 0 && index < times.size(); ++index)
        report.time_shares[index] = times[index] / sum_ns;
}

// The median of one figure over the traces that say it; what an empty trace has where none does.
template <class Number>
void set_median(model::trace_figures& typical, const traces& all, Number model::trace_figures::*figure)
{
    std::vector<Number> values;
    for (const model::trace_summary* one : all) {
        if (one->figures.*figure >= Number{})
            values.push_back(one->figures.*figure);
    }
    if (values.empty())
        return;
    std::sort(values.begin(), values.end());
    const Number low = values[(values.size() - 1) / 2];
    typical.*figure = low + (values[values.size() / 2] - low) / Number{2};
}

void add_medians(model::pattern_report& report, const traces& all)
{
    using figures = model::trace_figures;
    const auto set = [&](auto... figure) { (set_median(report.typical, all, figure), ...); };
    set(&figures::members, &figures::peak, &figures::limit, &figures::median_ns, &figures::longest_ns,
        &figures::queue_longest_ns, &figures::straggler_delay_ns, &figures::chain_depth, &figures::chain_share,
        &figures::calls, &figures::tasks, &figures::exhausted, &figures::backoff_ns, &figures::steps,
        &figures::think_ns, &figures::tool_ns, &figures::waited_human_ns, &figures::payload_kb,
        &figures::generation_ns, &figures::first_token_ns, &figures::tokens, &figures::largest_gap_ns,
        &figures::rate_during, &figures::rate_after, &figures::tail_ns);
}

void add_stragglers(model::pattern_report& report, const traces& all)
{
    std::map<std::string, std::uint32_t> counts;
    for (const model::trace_summary* one : all) {
        if (!one->figures.straggler.empty())
            ++counts[one->figures.straggler];
    }
    for (const auto& [name, count] : counts)
        report.stragglers.push_back({name, count});
    std::stable_sort(report.stragglers.begin(), report.stragglers.end(), [](const auto& a, const auto& b) {
        return a.traces > b.traces;
    });
    if (report.stragglers.size() > stragglers_named_max)
        report.stragglers.resize(stragglers_named_max);
    if (!report.stragglers.empty())
        report.typical.straggler = report.stragglers.front().name;
}

void add_retries(model::pattern_report& report, const traces& all)
{
    std::uint64_t calls = 0;
    std::uint64_t tasks = 0;
    for (const model::trace_summary* one : all) {
        calls += one->figures.calls;
        tasks += one->figures.tasks;
        report.exhausted_traces += one->figures.exhausted > 0 ? 1 : 0;
    }
    if (tasks > 0)
        report.amplification = static_cast<double>(calls) / static_cast<double>(tasks);
}

void add_payload_line(model::pattern_report& report, const traces& all)
{
    std::vector<std::pair<double, double>> points;
    for (const model::trace_summary* one : all) {
        if (one->figures.payload_kb > 0 && one->figures.generation_ns >= 0)
            points.emplace_back(one->figures.payload_kb, static_cast<double>(one->figures.generation_ns));
    }
    if (count_sizes(points) >= payload_sizes_min)
        report.payload_line = fit_line(points);
}

struct moments {
    double count = 0;
    double mean = 0;
    double square_sum = 0;  // Of the distances from the mean.

    void add(double value) noexcept
    {
        const double distance = value - mean;
        mean += distance / ++count;
        square_sum += distance * (value - mean);
    }
};

// The law of total variance: between the groups of as many steps, and within them. People are not part of it.
void add_step_variance(model::pattern_report& report, const traces& all)
{
    std::map<std::uint32_t, moments> by_steps;
    moments whole;
    for (const model::trace_summary* one : all) {
        if (one->figures.steps == 0)
            continue;
        const auto run_ns = static_cast<double>(one->wall_ns - one->figures.waited_human_ns);
        by_steps[one->figures.steps].add(run_ns);
        whole.add(run_ns);
    }
    if (whole.count < static_cast<double>(step_runs_min))
        return;
    model::step_variance variance;
    variance.total_ns2 = whole.square_sum / whole.count;
    for (const auto& [steps, group] : by_steps) {
        const double distance = group.mean - whole.mean;
        variance.by_steps_ns2 += group.count / whole.count * distance * distance;
        variance.by_time_ns2 += group.square_sum / whole.count;
    }
    report.steps = variance;
}

}  // namespace

model::pattern_report report_pattern(model::trace_pattern pattern, std::span<const model::trace_summary> given)
{
    model::pattern_report report;
    report.pattern = pattern;
    traces all;
    for (const model::trace_summary& one : given) {
        if (one.pattern != pattern)
            continue;
        all.push_back(&one);
        report.failed += one.failed_count > 0 ? 1 : 0;
        report.incomplete += one.is_complete ? 0 : 1;
        report.first_ns = all.size() == 1 ? one.started_ns : std::min(report.first_ns, one.started_ns);
        report.last_ns = all.size() == 1 ? one.started_ns : std::max(report.last_ns, one.started_ns);
    }
    report.traces = static_cast<std::uint32_t>(all.size());
    if (all.empty())
        return report;
    add_durations(report, all);
    add_medians(report, all);
    add_stragglers(report, all);
    add_retries(report, all);
    add_payload_line(report, all);
    add_step_variance(report, all);
    return report;
}

}  // namespace reprise::detect
