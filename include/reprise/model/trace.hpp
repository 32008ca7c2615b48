#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/model/operation.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace reprise::model {

// What a span does for its trace. Read from `ati.span.kind` or `ati.span.type`, from the OpenTelemetry GenAI
// attributes, or from what an ordinary span says (docs/traces.md has the table).
enum class span_role : std::uint8_t {
    plain,     // Nothing is said: an ordinary request, call or piece of code.
    workflow,  // The whole task.
    planner,   // Decides what is done: an agent.
    worker,    // A part of the work that a planner hands out.
    step,      // One thought of an agent.
    tool,      // A tool is called.
    llm,       // A model is asked.
    io,        // Something is stored or fetched: checkpoint, retrieval, database.
    human,     // A person is waited for.
    stream,    // Tokens are sent as they come.
};

// What the time of a span is spent waiting for, where the span says so (`ati.wait.kind`, `ati.wait.on`).
enum class span_wait : std::uint8_t { none, human, queue, backoff, tool, other };

// One span with what the analyses ask for. Texts live as long as the trace; -1 and empty stand for "not said".
struct trace_span {
    std::uint64_t id = 0;
    std::uint64_t parent = 0;         // 0: the trace's root.
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;          // As sent: may lie before start_ns.
    span_role role = span_role::plain;
    operation_kind kind = operation_kind::internal;
    span_wait wait = span_wait::none;
    bool failed = false;              // Status ERROR, or an answer that is one.
    std::uint16_t status = 0;         // HTTP or gRPC status code, 0 when unknown.
    std::string_view service;
    std::string_view name;
    std::string_view agent;           // ati.agent.id, gen_ai.agent.id or .name.
    std::string_view tool;            // ati.tool.name, gen_ai.tool.name.
    std::string_view task;            // ati.task.id.
    std::string_view retry_reason;    // ati.retry.reason.
    std::string_view error_type;      // Of the last exception event, else error.type.
    std::string_view error_message;   // Of it, else the status message.
    std::string_view largest_key;     // The attribute that is the longest ...
    std::uint32_t largest_bytes = 0;  // ... and how long.
    std::uint64_t arguments = 0;      // Hash of what was asked (statement, URL, tool arguments); 0 when unknown.
    std::int32_t attempt = -1;        // ati.retry.attempt, from 0; http.request.resend_count.
    std::int32_t retry_count = -1;    // ati.retry.count: attempts that came before.
    std::int32_t retries_max = -1;    // ati.retry.max.
    std::int64_t backoff_ns = -1;     // ati.retry.backoff_ms.
    std::int32_t index = -1;          // ati.worker.index, ati.chain.index.
    std::int32_t step = -1;           // ati.step, ati.step.id when a number, ati.loop.iteration.
    std::int32_t fanout = -1;         // ati.fanout, ati.fanout.size, ati.dag.fanout, ati.bg.fanout.
    std::int32_t concurrency = -1;    // ati.concurrency, ati.concurrency.limit.
    double payload_kb = -1;           // ati.rag.total_kb, ati.tool.payload_kb when > 0, ati.checkpoint.size_kb.
    std::int64_t first_token_ns = -1; // After the span's start: ati.stream.ttft_ms.
    std::int64_t largest_gap_ns = -1; // ati.stream.max_gap_ms.
    std::int64_t tokens = -1;         // ati.stream.tokens, gen_ai.usage.output_tokens, ati.tokens.out.
    std::uint32_t token_offset = 0;   // Times of its `token` events: trace::token_ns.
    std::uint32_t token_count = 0;
};

// Every span that came of one trace, in order of arrival: duplicates, cycles and gaps are still in it.
struct trace {
    trace_id id;
    std::vector<trace_span> spans;
    std::vector<std::int64_t> token_ns;  // Of all spans' token events, in the order of each span.
    bool truncated = false;              // There were more spans than are kept of one trace.
    std::shared_ptr<const void> texts;   // Keeps what the texts point into.
};

std::string_view to_text(span_role value) noexcept;
std::string_view to_text(span_wait value) noexcept;

}  // namespace reprise::model
