#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/telemetry/otlp_decode.hpp"
#include "reprise/telemetry/otlp_span_write.hpp"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Spans as a sender exports them, decoded as the intake does.
namespace reprise::pipeline::test {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t trace_start_ns = 1'700'000'000LL * 1'000'000'000;

inline telemetry::sent_span span_of(
    const model::trace_id& trace, std::uint64_t id, std::uint64_t parent, std::string name, std::int64_t start_ms = 0,
    std::int64_t end_ms = 10
)
{
    telemetry::sent_span one;
    one.trace = trace;
    one.id = id;
    one.parent = parent;
    one.name = std::move(name);
    one.start_ns = trace_start_ns + start_ms * ms;
    one.end_ns = trace_start_ns + end_ms * ms;
    return one;
}

inline std::shared_ptr<const model::observation_batch> batch_of(
    std::span<const telemetry::sent_span> spans, const std::string& service = "agents"
)
{
    telemetry::span_sender sender;
    sender.resource.emplace_back("service.name", service);
    std::vector<std::string> encoded;
    for (const telemetry::sent_span& one : spans)
        encoded.push_back(telemetry::encode_span(one));
    auto bytes = std::make_shared<const std::string>(telemetry::encode_traces_request(sender, encoded));
    return std::make_shared<const model::observation_batch>(telemetry::decode_spans(std::move(bytes)).value());
}

inline std::shared_ptr<const model::observation_batch> batch_of(
    std::initializer_list<telemetry::sent_span> spans, const std::string& service = "agents"
)
{
    return batch_of(std::span(spans.begin(), spans.size()), service);
}

inline bool every_rank(std::uint64_t)
{
    return true;
}

// A planner that hands work to forty workers at once; number `slow` takes ten times as long (-1: none does).
inline std::vector<telemetry::sent_span> fanout_trace(const model::trace_id& trace, int slow, std::int64_t at_ms = 0)
{
    const std::int64_t end_ms = at_ms + (slow < 0 ? 120 : 840);
    auto say = [](telemetry::sent_span& one, std::string kind, std::string agent) {
        one.attributes.emplace_back("ati.span.kind", std::move(kind));
        one.attributes.emplace_back("ati.agent.id", std::move(agent));
    };
    std::vector<telemetry::sent_span> spans;
    for (int i = 0; i < 40; ++i) {
        const auto id = static_cast<std::uint64_t>(100 + 2 * i);
        const std::int64_t took_ms = i == slow ? 800 : 80;
        auto tool = span_of(trace, id + 1, id, "tool_call", at_ms + 5, at_ms + 5 + took_ms);
        say(tool, "tool_call", "worker:t" + std::to_string(i % 5));
        tool.attributes.emplace_back("ati.tool.name", "t" + std::to_string(i % 5));
        spans.push_back(std::move(tool));
        auto worker = span_of(trace, id, 2, "worker", at_ms + 4, at_ms + 6 + took_ms);
        say(worker, "worker", "worker:" + std::to_string(i));
        worker.attributes.emplace_back("ati.worker.index", std::int64_t{i});
        spans.push_back(std::move(worker));
    }
    auto planner = span_of(trace, 2, 1, "planner", at_ms + 2, end_ms - 2);
    say(planner, "planner", "planner:v1");
    planner.attributes.emplace_back("ati.fanout", std::int64_t{40});
    planner.attributes.emplace_back("ati.concurrency", std::int64_t{40});
    spans.push_back(std::move(planner));
    auto workflow = span_of(trace, 1, 0, "workflow", at_ms, end_ms);
    say(workflow, "workflow", "workflow");
    spans.push_back(std::move(workflow));
    return spans;
}

}  // namespace reprise::pipeline::test
