#pragma once

#include "running_api.hpp"

#include "reprise/store/traces.hpp"

#include <string_view>

namespace reprise::http::test {

// A fan-out with one straggler, with its report and spans.
inline store::stored_trace make_trace(std::string_view id, std::int64_t started_ns)
{
    store::stored_trace trace;
    model::trace_summary& row = trace.summary;
    row.id = model::parse_trace_id(id);
    row.service = "checkout";
    row.operation.source = model::source::span;
    row.operation.service = "checkout";
    row.operation.route = "workflow";
    row.agent = "planner";
    row.started_ns = started_ns;
    row.wall_ns = 4'812 * ns_per_ms;
    row.pattern = model::trace_pattern::fanout;
    row.span_count = 2;
    row.service_count = 1;
    row.has_spans = true;
    row.times[static_cast<std::size_t>(model::time_class::compute)] = row.wall_ns;
    row.findings = {model::signal_kind::fanout_straggler};
    row.figures.members = 8;
    row.figures.peak = 4;
    row.figures.straggler = "worker:5";
    trace.report = R"({"trace_id":")" + model::to_hex(row.id) + R"("})";
    trace.spans = R"([{"id":"0000000000000001","name":"workflow"},{"id":"0000000000000002","name":"worker:5"}])";
    return trace;
}

inline void seed_trace(running_api& on, const store::stored_trace& trace)
{
    const std::int64_t now_ns = on.time().now_ns();
    on.write([&](store::transaction& tx) { return store::save_trace(tx, trace, now_ns); }).value();
}

}  // namespace reprise::http::test
