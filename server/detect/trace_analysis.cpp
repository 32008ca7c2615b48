#include "reprise/detect/trace_analysis.hpp"

#include "trace_parts.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::detect {
namespace {

using model::no_span;
using model::report_rows_max;

// The name of a span as an operation, as far as a name says it: "GET /orders/{id}" of those that serve or call.
model::operation_key operation_of(const model::trace_span& span)
{
    model::operation_key key;
    key.source = model::source::span;
    key.kind = span.kind;
    key.service = span.service;
    key.route = span.name;
    const bool is_call = span.kind == model::operation_kind::server || span.kind == model::operation_kind::client;
    const std::size_t space = span.name.find(" /");
    const auto is_method_sign = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!is_call || space == 0 || space == std::string_view::npos)
        return key;
    const std::string_view method = span.name.substr(0, space);
    if (!std::all_of(method.begin(), method.end(), is_method_sign))
        return key;
    key.protocol = "http";
    key.method = method;
    key.route = span.name.substr(space + 1);
    return key;
}

// Whose trace it is: the first agent on the way down that is more than the workflow around it.
std::string_view agent_of(const span_tree& tree)
{
    for (const std::uint32_t span : tree.top_down()) {
        if (tree[span].role != model::span_role::workflow && !tree[span].agent.empty())
            return tree[span].agent;
    }
    return tree.size() > 0 ? tree[tree.top_down().front()].agent : std::string_view();
}

void describe_whole(const span_tree& tree, model::trace_report& report)
{
    report.id = tree.trace().id;
    report.truncated = tree.trace().truncated;
    report.started_ns = tree.start_ns();
    report.wall_ns = tree.wall_ns();
    report.span_count = tree.size();
    report.root = tree.root();
    report.has_root = tree.root() != no_span;
    report.agent = agent_of(tree);
    if (tree.size() == 0)
        return;
    const model::trace_span& first = tree[report.has_root ? tree.root() : tree.children(no_span).front()];
    report.service = first.service;
    report.operation = operation_of(first);

    std::set<std::string_view> services;
    std::string_view last;
    for (std::uint32_t span = 0; span < tree.size(); ++span) {
        report.depth = std::max(report.depth, tree.depth(span));
        if (tree[span].service == last)
            continue;
        last = tree[span].service;
        services.insert(last);
    }
    services.erase(std::string_view());
    report.service_count = static_cast<std::uint32_t>(services.size());
}

void describe_repairs(const span_tree& tree, model::trace_report& report)
{
    const span_tree::repairs& repaired = tree.repaired();
    report.roots_extra = repaired.roots_extra;
    report.parents_missing = repaired.parents_missing;
    report.duplicates = repaired.duplicates;
    report.cycles = repaired.cycles;
    report.negative = repaired.negative;
    report.clamped = repaired.clamped;
    report.skew_ns = repaired.skew_ns;
}

// A failure is recorded by every span it passes on its way up: where it began is below which nothing failed.
void count_failures(const span_tree& tree, model::trace_report& report)
{
    std::vector<bool> has_failed_below(tree.size(), false);
    const auto order = tree.top_down();
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
        const std::uint32_t span = *at;
        const bool has_failed = tree[span].failed;
        report.failed_count += has_failed;
        if (has_failed && !has_failed_below[span]) {
            ++report.origin_count;
            report.first_origin = std::min(report.first_origin, span);
        }
        const std::uint32_t parent = tree.parent(span);
        if (parent != no_span && (has_failed || has_failed_below[span]))
            has_failed_below[parent] = true;
    }
}

template <class Row>
std::uint32_t cut(std::vector<Row>& rows)
{
    const auto count = static_cast<std::uint32_t>(rows.size());
    if (rows.size() > report_rows_max)
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(report_rows_max), rows.end());
    return count;
}

// The longest parts stay, in the order of time.
std::uint32_t cut_path(std::vector<model::path_part>& path)
{
    const auto count = static_cast<std::uint32_t>(path.size());
    if (path.size() <= report_rows_max)
        return count;
    std::vector<std::uint32_t> places(path.size());
    std::iota(places.begin(), places.end(), 0U);
    const auto limit = places.begin() + static_cast<std::ptrdiff_t>(report_rows_max);
    std::nth_element(places.begin(), limit, places.end(), [&](std::uint32_t a, std::uint32_t b) {
        const std::int64_t length_a = path[a].end_ns - path[a].start_ns;
        const std::int64_t length_b = path[b].end_ns - path[b].start_ns;
        return length_a != length_b ? length_a > length_b : a < b;
    });
    places.erase(limit, places.end());
    std::sort(places.begin(), places.end());
    std::vector<model::path_part> longest;
    longest.reserve(places.size());
    for (const std::uint32_t place : places)
        longest.push_back(path[place]);
    path = std::move(longest);
    return count;
}

}  // namespace

model::trace_report analyse_trace(model::trace& trace, const trace_limits& limits)
{
    const span_tree tree(trace);
    model::trace_report report;
    describe_whole(tree, report);
    describe_repairs(tree, report);
    count_failures(tree, report);
    report.path = find_path(tree);
    report.times = find_times(tree, report.path);
    report.fanouts = find_fanouts(tree, limits);
    report.chains = find_chains(tree, report.path, limits);
    report.retried = find_retries(tree, limits);
    report.agents = find_agent_run(tree, limits);
    report.human = find_human(tree);
    report.rag = find_retrieval(tree);
    report.stream = find_stream(tree);
    report.large = find_oversized(tree, limits);
    report.pattern = find_pattern(tree, report, limits);
    report.findings = find_findings(tree, report, limits);
    report.path_count = cut_path(report.path);
    report.fanout_count = cut(report.fanouts);
    report.chain_count = cut(report.chains);
    report.oversized_count = cut(report.large);
    if (report.retried)
        cut(report.retried->sequences);
    cut(report.findings);
    return report;
}

}  // namespace reprise::detect
