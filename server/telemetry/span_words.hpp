#pragma once

#include "wire_value.hpp"

#include "reprise/model/trace.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// What the attributes of agent traces mean, in each vocabulary.
namespace reprise::telemetry {

// What one span's attributes said, before it is decided which of several wins. Later members of a pair give way to
// earlier ones.
struct span_words {
    std::string_view ati_kind;       // ati.span.kind
    std::string_view ati_type;       // ati.span.type
    std::string_view gen_operation;  // gen_ai.operation.name
    std::string_view wait_kind;
    std::string_view wait_on;
    std::string_view agent_id;       // ati.agent.id
    std::string_view agent_name;     // ati.agent.name
    std::string_view gen_agent_id;
    std::string_view gen_agent_name;
    std::string_view tool;
    std::string_view gen_tool;
    std::string_view task;
    std::string_view retry_reason;
    std::string_view error_type;
    std::string_view error_class;    // ati.error.class
    std::string_view arguments;      // Of a tool's call.
    std::int32_t attempt = -1;
    std::int32_t resend = -1;        // http.request.resend_count
    std::int32_t retry_count = -1;
    std::int32_t retries_max = -1;
    std::int32_t worker_index = -1;
    std::int32_t chain_index = -1;
    std::int32_t step = -1;
    std::int32_t step_id = -1;
    std::int32_t iteration = -1;
    std::int32_t fanout = -1;
    std::int32_t concurrency = -1;
    std::int64_t backoff_ns = -1;
    std::int64_t first_token_ns = -1;
    std::int64_t largest_gap_ns = -1;
    std::int64_t stream_tokens = -1;
    std::int64_t output_tokens = -1;
    double rag_kb = -1;
    double tool_kb = -1;
    double checkpoint_kb = -1;
};

// Notes what `key` says; most keys say nothing here.
void take_word(std::string_view key, const any_value& value, span_words& words) noexcept;

model::span_role role_of(const span_words& words, model::operation_kind kind, bool is_root) noexcept;
model::span_wait wait_of(const span_words& words) noexcept;

}  // namespace reprise::telemetry
