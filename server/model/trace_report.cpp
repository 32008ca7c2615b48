#include "reprise/model/trace_report.hpp"

#include "enum_text.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/model/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, trace_pattern_count> trace_pattern_texts = {
    "none", "fanout", "chain", "retry", "dag", "react", "human", "rag", "stream"};
constexpr std::array<std::string_view, time_class_count> time_class_texts = {
    "waiting_human", "waiting_queue", "waiting_backoff", "waiting_tool", "io", "compute", "untracked"};

void put_span(boost::json::object& json, std::string_view name, std::uint32_t span)
{
    if (span != no_span)
        json[name] = span;
}

// Figures below zero are those that nobody said.
template <class Number>
void put_said(boost::json::object& json, std::string_view name, Number value)
{
    if (value >= 0)
        json[name] = value;
}

boost::json::object row_json(const path_part& part)
{
    boost::json::object json;
    put_span(json, "span", part.span);
    json["start_ns"] = part.start_ns;
    json["end_ns"] = part.end_ns;
    json["spent"] = to_text(part.spent);
    return json;
}

boost::json::object row_json(const branch& one)
{
    boost::json::object json;
    put_span(json, "span", one.span);
    json["queue_ns"] = one.queue_ns;
    json["service_ns"] = one.service_ns;
    json["slack_ns"] = one.slack_ns;
    return json;
}

boost::json::object row_json(const straggler& slow)
{
    boost::json::object json;
    put_span(json, "span", slow.span);
    put_span(json, "tool_span", slow.tool_span);
    json["duration_ns"] = slow.duration_ns;
    json["limit_ns"] = slow.limit_ns;
    json["delay_ns"] = slow.delay_ns;
    json["parent_share"] = slow.parent_share;
    return json;
}

boost::json::object row_json(const chain& one)
{
    boost::json::object json;
    put_span(json, "parent", one.parent);
    json["depth"] = one.depth;
    json["total_ns"] = one.total_ns;
    json["path_share"] = one.path_share;
    json["largest_share"] = one.largest_share;
    put_span(json, "largest", one.largest);
    return json;
}

boost::json::object row_json(const attempt& one)
{
    boost::json::object json;
    put_span(json, "span", one.span);
    json["gap_ns"] = one.gap_ns;
    put_said(json, "backoff_ns", one.backoff_ns);
    json["failed"] = one.failed;
    return json;
}

boost::json::object row_json(const agent_step& one)
{
    boost::json::object json;
    put_said(json, "step", one.step);
    json["think_ns"] = one.think_ns;
    json["tool_ns"] = one.tool_ns;
    put_span(json, "span", one.span);
    return json;
}

boost::json::object row_json(const human_wait& human)
{
    boost::json::object json;
    json["waits"] = human.waits;
    json["waited_ns"] = human.waited_ns;
    json["processing_ns"] = human.processing_ns;
    put_span(json, "longest", human.longest);
    return json;
}

boost::json::object row_json(const oversized& one)
{
    boost::json::object json;
    put_span(json, "span", one.span);
    json["key"] = one.key;
    json["bytes"] = one.bytes;
    return json;
}

boost::json::object row_json(const retrieval& rag)
{
    boost::json::object json;
    json["payload_kb"] = rag.payload_kb;
    json["retrieval_ns"] = rag.retrieval_ns;
    json["generation_ns"] = rag.generation_ns;
    put_span(json, "generation", rag.generation);
    return json;
}

boost::json::object row_json(const token_stream& stream)
{
    boost::json::object json;
    put_span(json, "span", stream.span);
    put_said(json, "first_token_ns", stream.first_token_ns);
    put_said(json, "tokens", stream.tokens);
    put_said(json, "largest_gap_ns", stream.largest_gap_ns);
    put_said(json, "median_gap_ns", stream.median_gap_ns);
    put_said(json, "rate_during", stream.rate_during);
    put_said(json, "rate_after", stream.rate_after);
    put_said(json, "background_start_ns", stream.background_start_ns);
    put_said(json, "background_end_ns", stream.background_end_ns);
    put_said(json, "tail_ns", stream.tail_ns);
    json["background_failures"] = stream.background_failures;
    json["token_ns"] = boost::json::array(stream.token_ns.begin(), stream.token_ns.end());
    return json;
}

boost::json::object row_json(const trace_finding& finding)
{
    boost::json::object json;
    json["kind"] = to_text(finding.kind);
    put_span(json, "span", finding.span);
    json["agent"] = finding.agent;
    json["service"] = finding.service;
    json["observed"] = finding.observed;
    json["expected"] = finding.expected;
    json["unit"] = finding.unit;
    json["confidence"] = finding.confidence;
    json["explanation"] = finding.explanation;
    json["advice"] = {
        {"title", finding.advice.title}, {"reason", finding.advice.reason}, {"change", finding.advice.change}};
    return json;
}

boost::json::object row_json(const fanout& one);
boost::json::object row_json(const retry_sequence& sequence);

template <class Row>
boost::json::array list(const std::vector<Row>& rows)
{
    boost::json::array json;
    json.reserve(rows.size());
    for (const Row& row : rows)
        json.emplace_back(row_json(row));
    return json;
}

boost::json::object row_json(const fanout& one)
{
    boost::json::object json;
    put_span(json, "parent", one.parent);
    json["members"] = one.members;
    json["peak"] = one.peak;
    put_said(json, "limit", one.limit);
    json["waves"] = one.waves;
    json["median_ns"] = one.median_ns;
    json["longest_ns"] = one.longest_ns;
    json["queue_ns"] = one.queue_ns;
    json["queue_longest_ns"] = one.queue_longest_ns;
    json["join_ns"] = one.join_ns;
    if (one.slow)
        json["slow"] = row_json(*one.slow);
    put_span(json, "join", one.join);
    json["branches"] = list(one.branches);
    return json;
}

boost::json::object row_json(const retry_sequence& sequence)
{
    boost::json::object json;
    put_span(json, "parent", sequence.parent);
    json["attempts"] = list(sequence.attempts);
    json["exhausted"] = sequence.exhausted;
    json["ambiguous"] = sequence.ambiguous;
    put_span(json, "origin", sequence.origin);
    json["reason"] = sequence.reason;
    return json;
}

boost::json::object row_json(const retries& retried)
{
    boost::json::object json;
    json["calls"] = retried.calls;
    json["tasks"] = retried.tasks;
    json["amplification"] = retried.amplification;
    json["sequence_count"] = retried.sequence_count;
    json["exhausted_count"] = retried.exhausted_count;
    json["attempts_most"] = retried.attempts_most;
    json["backoff_ns"] = retried.backoff_ns;
    json["sequences"] = list(retried.sequences);
    return json;
}

boost::json::object row_json(const agent_run& run)
{
    boost::json::object json;
    put_span(json, "span", run.span);
    json["step_count"] = run.step_count;
    json["think_ns"] = run.think_ns;
    json["tool_ns"] = run.tool_ns;
    json["repeats"] = run.repeats;
    put_span(json, "repeated", run.repeated);
    json["steps"] = list(run.steps);
    return json;
}

boost::json::object times_json(const trace_report& report)
{
    boost::json::object json;
    for (std::size_t at = 0; at < time_class_count; ++at)
        json[time_class_texts[at]] = report.times[at];
    return json;
}

void put_whole(boost::json::object& json, const trace_report& report)
{
    json["trace_id"] = to_hex(report.id);
    json["service"] = report.service;
    json["operation"] = to_json(report.operation.view());
    json["agent"] = report.agent;
    json["started_at"] = format_rfc3339(report.started_ns);
    json["wall_ns"] = report.wall_ns;
    json["pattern"] = to_text(report.pattern);
    json["span_count"] = report.span_count;
    json["failed_count"] = report.failed_count;
    json["origin_count"] = report.origin_count;
    put_span(json, "first_origin", report.first_origin);
    json["service_count"] = report.service_count;
    json["depth"] = report.depth;
    put_span(json, "root", report.root);
}

void put_repairs(boost::json::object& json, const trace_report& report)
{
    json["truncated"] = report.truncated;
    json["has_root"] = report.has_root;
    json["roots_extra"] = report.roots_extra;
    json["parents_missing"] = report.parents_missing;
    json["duplicates"] = report.duplicates;
    json["cycles"] = report.cycles;
    json["negative"] = report.negative;
    json["clamped"] = report.clamped;
    json["skew_ns"] = report.skew_ns;
}

template <class Part>
void put_part(boost::json::object& json, std::string_view name, const std::optional<Part>& part)
{
    if (part)
        json[name] = row_json(*part);
}

}  // namespace

boost::json::object to_json(const trace_report& report)
{
    boost::json::object json;
    put_whole(json, report);
    put_repairs(json, report);
    json["times"] = times_json(report);
    json["path_count"] = report.path_count;
    json["path"] = list(report.path);
    json["fanout_count"] = report.fanout_count;
    json["fanouts"] = list(report.fanouts);
    json["chain_count"] = report.chain_count;
    json["chains"] = list(report.chains);
    put_part(json, "retried", report.retried);
    put_part(json, "agents", report.agents);
    put_part(json, "human", report.human);
    put_part(json, "rag", report.rag);
    put_part(json, "stream", report.stream);
    json["oversized_count"] = report.oversized_count;
    json["large"] = list(report.large);
    json["findings"] = list(report.findings);
    return json;
}

std::string_view to_text(trace_pattern value) noexcept
{
    return enum_text(trace_pattern_texts, value);
}

std::string_view to_text(time_class value) noexcept
{
    return enum_text(time_class_texts, value);
}

std::optional<trace_pattern> find_trace_pattern(std::string_view text) noexcept
{
    return find_enum<trace_pattern>(trace_pattern_texts, text);
}

}  // namespace reprise::model
