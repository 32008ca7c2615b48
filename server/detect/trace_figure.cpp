#include "reprise/detect/trace_series.hpp"

#include "line_fit.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::signal_kind;

double ratio_of(std::int64_t a, std::int64_t b) noexcept
{
    return static_cast<double>(a) / static_cast<double>(b);
}

std::optional<double> straggler_figure(const model::trace_report& report)
{
    const model::fanout* chosen = nullptr;
    for (const model::fanout& group : report.fanouts) {
        if (chosen == nullptr || (group.slow && (!chosen->slow || group.slow->delay_ns > chosen->slow->delay_ns)))
            chosen = &group;
    }
    if (chosen == nullptr)
        return 1;  // Nothing waits for the slowest of many.
    if (chosen->median_ns <= 0)
        return std::nullopt;
    return ratio_of(chosen->slow ? chosen->slow->duration_ns : chosen->longest_ns, chosen->median_ns);
}

double chain_figure(const model::trace_report& report)
{
    double share = 0;
    for (const model::chain& one : report.chains)
        share = std::max(share, one.path_share);
    return share;
}

// A trace without an agent does not show that the agent has stopped looping.
std::optional<double> loop_figure(const model::trace_report& report)
{
    if (!report.agents)
        return std::nullopt;
    return static_cast<double>(report.agents->repeats);
}

std::optional<double> stall_figure(const model::trace_report& report)
{
    if (!report.stream || report.stream->largest_gap_ns < 0 || report.stream->median_gap_ns <= 0)
        return std::nullopt;
    return ratio_of(report.stream->largest_gap_ns, report.stream->median_gap_ns);
}

std::optional<double> payload_slope(std::span<const model::trace_report> reports)
{
    std::vector<std::pair<double, double>> points;
    for (const model::trace_report& report : reports) {
        if (report.rag && report.rag->payload_kb > 0)
            points.emplace_back(report.rag->payload_kb, static_cast<double>(report.rag->generation_ns));
    }
    return count_sizes(points) >= 2 ? std::optional(fit_line(points).slope) : std::nullopt;
}

}  // namespace

std::optional<double> find_trace_figure(signal_kind kind, const model::trace_report& report)
{
    // A root alone says nothing about what should be below it.
    if (report.span_count < 2)
        return std::nullopt;
    switch (kind) {
    case signal_kind::fanout_straggler: return straggler_figure(report);
    case signal_kind::blocking_chain: return chain_figure(report);
    case signal_kind::retry_storm: return report.retried ? report.retried->amplification : 1;
    case signal_kind::agent_loop: return loop_figure(report);
    case signal_kind::stream_stall: return stall_figure(report);
    default: return std::nullopt;
    }
}

std::optional<double> find_trace_figure(signal_kind kind, std::span<const model::trace_report> reports)
{
    if (kind == signal_kind::payload_latency)
        return payload_slope(reports);
    std::vector<double> figures;
    for (const model::trace_report& report : reports) {
        if (const auto figure = find_trace_figure(kind, report))
            figures.push_back(*figure);
    }
    if (figures.empty())
        return std::nullopt;
    std::sort(figures.begin(), figures.end());
    const double low = figures[(figures.size() - 1) / 2];
    return low + (figures[figures.size() / 2] - low) / 2;
}

}  // namespace reprise::detect
