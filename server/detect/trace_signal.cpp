#include "trace_signal.hpp"

#include "sentence.hpp"
#include "trace_severity.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <cmath>

namespace reprise::detect {
namespace {

using model::signal_kind;

constexpr std::size_t traces_named_max = 5;

// Single traces that need no second one.
constexpr double clear_amplification = 1.5;
constexpr std::uint32_t clear_sequences = 10;
constexpr std::uint32_t clear_repeats = 5;

double ms(std::int64_t time_ns) noexcept
{
    return static_cast<double>(time_ns) / ns_per_ms;
}

void describe_straggler(trace_case& made, const model::trace_report& report)
{
    for (const model::fanout& group : report.fanouts) {
        if (!group.slow || group.slow->span != made.finding.span)
            continue;
        made.cost_ns = static_cast<double>(group.slow->delay_ns);
        made.share = group.slow->parent_share;
        made.numbers = {
            {"members", group.members},
            {"longest_ms", ms(group.slow->duration_ns)},
            {"median_ms", ms(group.median_ns)},
            {"limit_ms", ms(group.slow->limit_ns)},
            {"delay_ms", ms(group.slow->delay_ns)},
            {"share_of_parent", group.slow->parent_share}
        };
        return;
    }
}

void describe_chain(trace_case& made, const model::trace_report& report)
{
    for (const model::chain& chain : report.chains) {
        if (chain.parent != made.finding.span)
            continue;
        made.cost_ns = static_cast<double>(chain.total_ns);
        made.share = chain.path_share;
        made.numbers = {
            {"depth", chain.depth}, {"total_ms", ms(chain.total_ns)}, {"largest_share", chain.largest_share}
        };
        return;
    }
}

void describe_retries(trace_case& made, const model::retries& retried)
{
    made.cost_ns = static_cast<double>(retried.backoff_ns);
    made.numbers = {
        {"calls", retried.calls},
        {"tasks", retried.tasks},
        {"sequences", retried.sequence_count},
        {"exhausted", retried.exhausted_count},
        {"attempts_most", retried.attempts_most},
        {"backoff_ms", ms(retried.backoff_ns)}
    };
}

void describe_loop(trace_case& made, const model::agent_run& run)
{
    made.cost_ns = static_cast<double>(run.think_ns) + static_cast<double>(run.tool_ns);
    made.numbers = {
        {"repeats", run.repeats},
        {"steps", run.step_count},
        {"think_ms", ms(run.think_ns)},
        {"tool_ms", ms(run.tool_ns)}
    };
}

void describe_stall(trace_case& made, const model::token_stream& stream)
{
    made.cost_ns = static_cast<double>(stream.largest_gap_ns);
    made.numbers = {
        {"largest_gap_ms", ms(stream.largest_gap_ns)},
        {"median_gap_ms", ms(stream.median_gap_ns)},
        {"background_ms", ms(stream.background_end_ns - stream.background_start_ns)},
        {"background_failures", stream.background_failures}
    };
    if (stream.rate_during >= 0)
        made.numbers.emplace_back("tokens_per_s_during", stream.rate_during);
    if (stream.rate_after >= 0)
        made.numbers.emplace_back("tokens_per_s_after", stream.rate_after);
}

std::string metric_of(signal_kind kind)
{
    switch (kind) {
    case signal_kind::fanout_straggler: return "slowest of a fan-out, in medians of it";
    case signal_kind::blocking_chain: return "share of the trace that one chain of calls takes";
    case signal_kind::retry_storm: return "calls per task";
    case signal_kind::agent_loop: return "equal tool calls in a row";
    case signal_kind::payload_latency: return "generation time per KB of payload";
    default: return "largest gap between tokens, in median gaps";
    }
}

std::string rule_of(signal_kind kind)
{
    const trace_limits limits;
    const auto count = [](double value) { return ratio_text(value); };
    switch (kind) {
    case signal_kind::fanout_straggler:
        return "longer than median + 3 x 1.4826 MAD and >= " + count(limits.straggler_ratio) + " medians, adding >= " +
               share_text(limits.straggler_parent_share) + " of its parent's time; the same member again";
    case signal_kind::blocking_chain:
        return ">= " + std::to_string(limits.chain_links_min) + " calls one after the other, >= " +
               share_text(limits.chain_path_share) + " of the trace, none > " + count(limits.chain_link_medians_max) +
               " medians";
    case signal_kind::retry_storm:
        return ">= " + std::to_string(limits.retry_sequences_min) + " tasks tried again after a failure, >= " +
               share_text(limits.retry_amplification - 1) + " more calls than tasks";
    case signal_kind::agent_loop:
        return ">= " + std::to_string(limits.loop_repeats_min) +
               " calls of one tool with the same arguments, one after another, under one agent";
    default:
        return "a gap >= " + count(limits.stream_gap_ratio) + " medians and >= " +
               duration_text(static_cast<double>(limits.stream_gap_ns)) + " while background work runs";
    }
}

// Halfway between what is right and what was seen, and never less than what makes a finding.
double gate_of(signal_kind kind, double observed)
{
    const trace_limits limits;
    switch (kind) {
    case signal_kind::fanout_straggler: return std::max(limits.straggler_ratio, 1 + (observed - 1) / 2);
    case signal_kind::blocking_chain: return limits.chain_path_share;
    case signal_kind::retry_storm: return std::max(limits.retry_amplification, 1 + (observed - 1) / 2);
    case signal_kind::agent_loop: return limits.loop_repeats_min;
    case signal_kind::stream_stall: return std::max(limits.stream_gap_ratio, observed / 2);
    default: return observed / 2;
    }
}

model::signal start_trace_signal(
    signal_kind kind, const window_scope& scope, double observed, const trace_series_limits& limits
)
{
    model::signal signal;
    signal.kind = kind;
    signal.operation = scope.operation;
    signal.operation_id = operation_id(scope.operation.view());
    signal.window_start_ns = scope.start_ns;
    signal.window_end_ns = scope.end_ns;
    signal.metric = metric_of(kind);
    signal.observed = observed;
    signal.observed_k = scope.shown;
    signal.observed_n = scope.traces;
    signal.confirm_with = model::confirm_metric::trace_figure;
    signal.gate = gate_of(kind, observed);
    signal.sensitivity = "Seen from " + std::to_string(limits.traces_to_recur) + " traces in one window of " +
                         duration_text(static_cast<double>(limits.window_ns)) + ", or one clear case; " +
                         count_text(scope.traces) + (scope.traces == 1 ? " trace" : " traces") +
                         " of this operation came so far.";
    return signal;
}

double median_observed(const std::vector<trace_case>& cases)
{
    std::vector<double> values;
    for (const trace_case& one : cases)
        values.push_back(one.finding.observed);
    std::sort(values.begin(), values.end());
    const double low = values[(values.size() - 1) / 2];
    return low + (values[values.size() / 2] - low) / 2;
}

double number_of(const trace_case& one, std::string_view name)
{
    for (const auto& [known, value] : one.numbers) {
        if (known == name)
            return value;
    }
    return 0;
}

}  // namespace

trace_case describe_case(const model::trace_finding& finding, const model::trace_report& report)
{
    trace_case made;
    made.trace_id = to_hex(report.id);
    made.started_ns = report.started_ns;
    made.finding = finding;
    switch (finding.kind) {
    case signal_kind::fanout_straggler: describe_straggler(made, report); break;
    case signal_kind::blocking_chain: describe_chain(made, report); break;
    case signal_kind::retry_storm: describe_retries(made, *report.retried); break;
    case signal_kind::agent_loop: describe_loop(made, *report.agents); break;
    case signal_kind::stream_stall: describe_stall(made, *report.stream); break;
    default: break;
    }
    return made;
}

bool is_clear(const model::trace_finding& finding, const model::trace_report& report) noexcept
{
    switch (finding.kind) {
    case signal_kind::blocking_chain:
    case signal_kind::stream_stall: return true;  // Their limits are those of a clear case.
    case signal_kind::agent_loop: return report.agents->repeats >= clear_repeats;
    case signal_kind::retry_storm:
        return report.retried->amplification >= clear_amplification &&
               report.retried->sequence_count >= clear_sequences;
    default: return false;  // One slow call of many is noise until it happens again.
    }
}

model::signal make_trace_signal(
    signal_kind kind, const window_scope& scope, const std::vector<trace_case>& cases,
    const trace_series_limits& limits
)
{
    std::vector<const trace_case*> worst;
    for (const trace_case& one : cases)
        worst.push_back(&one);
    std::stable_sort(worst.begin(), worst.end(), [](const auto* a, const auto* b) {
        return a->finding.observed > b->finding.observed;
    });
    const trace_case& clearest = *worst.front();
    model::signal signal = start_trace_signal(kind, scope, median_observed(cases), limits);
    signal.unit = clearest.finding.unit;
    signal.baseline = clearest.finding.expected;
    signal.effect = signal.baseline > 0 ? signal.observed / signal.baseline : signal.observed;
    signal.rule = rule_of(kind);
    std::int64_t since_ns = clearest.started_ns;
    for (const trace_case& one : cases)
        since_ns = std::min(since_ns, one.started_ns);
    signal.explanation = clearest.finding.explanation + " Seen in " + share_of_text(scope.shown, scope.traces) +
                         (scope.traces == 1 ? " trace of " : " traces of ") + operation_name(scope.operation.view()) +
                         " since " + clock_text(since_ns) + ".";
    signal.severity = trace_severity(
        kind, {signal.observed, clearest.cost_ns, clearest.share, number_of(clearest, "exhausted"), scope.shown,
               scope.traces}
    );
    signal.numbers = clearest.numbers;
    signal.numbers.emplace_back("confidence", clearest.finding.confidence);
    for (std::size_t index = 0; index < std::min(worst.size(), traces_named_max); ++index)
        signal.trace_ids.push_back(worst[index]->trace_id);
    return signal;
}

void add_member(model::signal& signal, const same_member& member)
{
    signal.p_value = member.p;
    signal.rule += " (binomial < 1e-3)";
    signal.numbers.emplace_back("same_member_traces", member.traces);
    signal.explanation += " It is " + member.name + " in " +
                          share_of_text(member.traces, static_cast<double>(signal.observed_k)) +
                          " of them, which is no chance.";
}

model::signal make_rising_signal(
    const window_scope& scope, const std::vector<double>& calls_per_task, const std::vector<std::string>& trace_ids,
    const trace_series_limits& limits
)
{
    const double now = calls_per_task.back();
    model::signal signal = start_trace_signal(signal_kind::retry_storm, scope, now, limits);
    signal.unit = "count";
    signal.baseline = calls_per_task.front();
    signal.effect = now / signal.baseline;
    signal.rule = "calls per task >= " + ratio_text(clear_amplification) + " and rising over " +
                  std::to_string(calls_per_task.size()) + " windows";
    std::string course;
    for (const double one : calls_per_task)
        course += (course.empty() ? "" : ", ") + ratio_text(one);
    signal.explanation = "Calls per task of " + operation_name(scope.operation.view()) + " rose over " +
                         std::to_string(calls_per_task.size()) + " windows (" + course + "): " +
                         share_of_text(scope.shown, scope.traces) + " traces of the last one tried calls again.";
    signal.severity = trace_severity(signal_kind::retry_storm, {now, 0, 0, 0, scope.shown, scope.traces});
    signal.numbers = {{"windows", static_cast<double>(calls_per_task.size())}};
    signal.trace_ids = trace_ids;
    return signal;
}

model::signal make_payload_signal(
    const window_scope& scope, const payload_evidence& found, const trace_series_limits& limits
)
{
    const model::fitted_line& line = found.line;
    model::signal signal = start_trace_signal(signal_kind::payload_latency, scope, line.slope, limits);
    signal.unit = "ns/KB";
    signal.observed_k = found.sizes;
    signal.observed_n = line.points;
    signal.effect = found.slope_share();
    signal.p_value = found.p;
    signal.rule = "least squares over >= 3 payload sizes: slope > 0 with t-test < 1e-3, r >= 0.8, >= 20 % of the "
                  "largest payload's time";
    signal.explanation = "Each KB of payload adds " + duration_text(line.slope) + " to the generation of " +
                         operation_name(scope.operation.view()) + " (" + duration_text(line.intercept) +
                         " without any; r = " + ratio_text(line.r * 100) + " %, " + count_text(line.points) +
                         " traces, " + count_text(found.sizes) + " sizes): " + share_text(found.slope_share()) +
                         " of the " + duration_text(found.largest_ns()) + " at " + ratio_text(found.largest_kb) +
                         " KB. Cut what is passed on to the passages that are used.";
    signal.sensitivity = "Fitted on the newest " + count_text(line.points) + " traces with a payload, of at most " +
                         count_text(limits.payload_points_max) + ".";
    signal.severity = trace_severity(
        signal_kind::payload_latency,
        {line.slope, line.slope * found.largest_kb, found.slope_share(), 0, line.points, line.points}
    );
    signal.numbers = {
        {"slope_ns_per_kb", line.slope},
        {"intercept_ms", line.intercept / ns_per_ms},
        {"r", line.r},
        {"largest_payload_kb", found.largest_kb},
        {"share_of_largest", found.slope_share()}
    };
    signal.trace_ids = found.trace_ids;
    return signal;
}

}  // namespace reprise::detect
