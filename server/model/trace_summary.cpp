#include "reprise/model/trace_summary.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/model/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <type_traits>

namespace reprise::model {
namespace {

// Every number of the figures with its name, so that what is written and what is read cannot differ.
template <class Figures, class Visit>
void visit_numbers(Figures& figures, const Visit& visit)
{
    visit("members", figures.members);
    visit("peak", figures.peak);
    visit("limit", figures.limit);
    visit("median_ns", figures.median_ns);
    visit("longest_ns", figures.longest_ns);
    visit("queue_longest_ns", figures.queue_longest_ns);
    visit("straggler_delay_ns", figures.straggler_delay_ns);
    visit("chain_depth", figures.chain_depth);
    visit("chain_share", figures.chain_share);
    visit("calls", figures.calls);
    visit("tasks", figures.tasks);
    visit("exhausted", figures.exhausted);
    visit("backoff_ns", figures.backoff_ns);
    visit("steps", figures.steps);
    visit("think_ns", figures.think_ns);
    visit("tool_ns", figures.tool_ns);
    visit("waited_human_ns", figures.waited_human_ns);
    visit("payload_kb", figures.payload_kb);
    visit("generation_ns", figures.generation_ns);
    visit("first_token_ns", figures.first_token_ns);
    visit("tokens", figures.tokens);
    visit("largest_gap_ns", figures.largest_gap_ns);
    visit("rate_during", figures.rate_during);
    visit("rate_after", figures.rate_after);
    visit("tail_ns", figures.tail_ns);
}

// Negative figures are those that nobody said.
template <class Number>
bool is_said(Number value) noexcept
{
    if constexpr (std::is_unsigned_v<Number>)
        return true;
    else
        return value >= 0;
}

template <class Times>
boost::json::object times_to_json(const Times& times)
{
    boost::json::object json;
    for (std::size_t index = 0; index < time_class_count; ++index)
        json[to_text(static_cast<time_class>(index))] = times[index];
    return json;
}

boost::json::object to_json(const fitted_line& line)
{
    return {{"slope", line.slope}, {"intercept", line.intercept}, {"r", line.r}, {"points", line.points}};
}

boost::json::object to_json(const step_variance& steps)
{
    return {
        {"total_ns2", steps.total_ns2}, {"by_steps_ns2", steps.by_steps_ns2}, {"by_time_ns2", steps.by_time_ns2}
    };
}

}  // namespace

boost::json::object to_json(const trace_figures& figures)
{
    boost::json::object json;
    visit_numbers(figures, [&json](std::string_view name, auto value) {
        if (is_said(value))
            json[name] = value;
    });
    if (!figures.straggler.empty())
        json["straggler"] = figures.straggler;
    return json;
}

std::optional<trace_figures> parse_trace_figures(const boost::json::object& json)
{
    trace_figures figures;
    bool valid = true;
    visit_numbers(figures, [&json, &valid](std::string_view name, auto& number) {
        const boost::json::value* value = json.if_contains(name);
        if (value == nullptr)
            return;
        boost::system::error_code error;
        const auto read = value->is_number() ? value->to_number<std::remove_reference_t<decltype(number)>>(error)
                                             : std::remove_reference_t<decltype(number)>{};
        if (!value->is_number() || error)
            valid = false;
        else
            number = read;
    });
    if (const boost::json::value* straggler = json.if_contains("straggler")) {
        if (const boost::json::string* text = straggler->if_string())
            figures.straggler = std::string_view(*text);
        else
            valid = false;
    }
    return valid ? std::optional(std::move(figures)) : std::nullopt;
}

boost::json::object to_json(const trace_summary& summary)
{
    boost::json::object json;
    json["trace_id"] = to_hex(summary.id);
    json["service"] = summary.service;
    json["operation"] = to_json(summary.operation.view());
    if (!summary.agent.empty())
        json["agent"] = summary.agent;
    json["started_at"] = format_rfc3339(summary.started_ns);
    json["wall_ns"] = summary.wall_ns;
    json["pattern"] = to_text(summary.pattern);
    json["span_count"] = summary.span_count;
    json["failed_count"] = summary.failed_count;
    json["service_count"] = summary.service_count;
    json["is_complete"] = summary.is_complete;
    json["has_spans"] = summary.has_spans;
    json["times"] = times_to_json(summary.times);
    boost::json::array findings;
    for (const signal_kind kind : summary.findings)
        findings.emplace_back(to_text(kind));
    json["findings"] = std::move(findings);
    json["figures"] = to_json(summary.figures);
    return json;
}

boost::json::object to_json(const pattern_report& report)
{
    boost::json::object json;
    json["pattern"] = to_text(report.pattern);
    json["traces"] = report.traces;
    json["failed"] = report.failed;
    json["incomplete"] = report.incomplete;
    if (report.traces > 0) {
        json["first_at"] = format_rfc3339(report.first_ns);
        json["last_at"] = format_rfc3339(report.last_ns);
    }
    json["wall_mean_ns"] = report.wall_mean_ns;
    json["wall_p50_ns"] = report.wall_p50_ns;
    json["wall_p90_ns"] = report.wall_p90_ns;
    json["wall_p99_ns"] = report.wall_p99_ns;
    json["wall_max_ns"] = report.wall_max_ns;
    json["time_shares"] = times_to_json(report.time_shares);
    json["typical"] = to_json(report.typical);
    boost::json::array stragglers;
    for (const straggler_count& one : report.stragglers)
        stragglers.push_back(boost::json::object{{"name", one.name}, {"traces", one.traces}});
    json["stragglers"] = std::move(stragglers);
    if (report.amplification > 0)
        json["amplification"] = report.amplification;
    json["exhausted_traces"] = report.exhausted_traces;
    if (report.payload_line)
        json["payload_line"] = to_json(*report.payload_line);
    if (report.steps)
        json["steps"] = to_json(*report.steps);
    return json;
}

}  // namespace reprise::model
