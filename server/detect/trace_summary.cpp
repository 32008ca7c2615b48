#include "reprise/detect/trace_analysis.hpp"

#include "trace_names.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

void add_fanout(model::trace_figures& figures, const model::trace& trace, const model::trace_report& report)
{
    if (report.fanouts.empty())
        return;
    const model::fanout& widest = report.fanouts.front();
    figures.members = widest.members;
    figures.peak = widest.peak;
    figures.limit = widest.limit;
    figures.median_ns = widest.median_ns;
    figures.longest_ns = widest.longest_ns;
    figures.queue_longest_ns = widest.queue_longest_ns;
    for (const model::fanout& group : report.fanouts) {
        if (!group.slow || group.slow->delay_ns <= figures.straggler_delay_ns)
            continue;
        figures.straggler_delay_ns = group.slow->delay_ns;
        figures.straggler = member_name(trace, group.slow->span, group.slow->tool_span);
    }
}

void add_parts(model::trace_figures& figures, const model::trace_report& report)
{
    if (!report.chains.empty()) {
        figures.chain_depth = report.chains.front().depth;
        figures.chain_share = report.chains.front().path_share;
    }
    if (report.retried) {
        figures.calls = report.retried->calls;
        figures.tasks = report.retried->tasks;
        figures.exhausted = report.retried->exhausted_count;
        figures.backoff_ns = report.retried->backoff_ns;
    }
    if (report.agents) {
        figures.steps = report.agents->step_count;
        figures.think_ns = report.agents->think_ns;
        figures.tool_ns = report.agents->tool_ns;
    }
    if (report.human)
        figures.waited_human_ns = report.human->waited_ns;
    if (report.rag) {
        figures.payload_kb = report.rag->payload_kb;
        figures.generation_ns = report.rag->generation_ns;
    }
    if (report.stream) {
        figures.first_token_ns = report.stream->first_token_ns;
        figures.tokens = report.stream->tokens;
        figures.largest_gap_ns = report.stream->largest_gap_ns;
        figures.rate_during = report.stream->rate_during;
        figures.rate_after = report.stream->rate_after;
        figures.tail_ns = report.stream->tail_ns;
    }
}

}  // namespace

model::trace_summary summarise(const model::trace& trace, const model::trace_report& report)
{
    model::trace_summary made;
    made.id = report.id;
    made.service = report.service;
    made.operation = report.operation;
    made.agent = report.agent;
    made.started_ns = report.started_ns;
    made.wall_ns = report.wall_ns;
    made.pattern = report.pattern;
    made.span_count = report.span_count;
    made.failed_count = report.failed_count;
    made.service_count = report.service_count;
    made.is_complete = report.has_root && !report.truncated && report.parents_missing == 0;
    made.times = report.times;
    for (const model::trace_finding& finding : report.findings) {
        if (std::find(made.findings.begin(), made.findings.end(), finding.kind) == made.findings.end())
            made.findings.push_back(finding.kind);
    }
    add_fanout(made.figures, trace, report);
    add_parts(made.figures, report);
    return made;
}

}  // namespace reprise::detect
