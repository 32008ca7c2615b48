#include "span_words.hpp"

#include "number_text.hpp"
#include "utf8.hpp"

#include "reprise/telemetry/trace_spans.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace reprise::telemetry {
namespace {

using model::span_role;
using model::span_wait;

constexpr double ns_per_ms = 1e6;

// A number however it was sent: as one, or as a text that is one.
std::optional<double> find_real(const any_value& value) noexcept
{
    std::optional<double> number;
    if (value.kind == value_kind::integer)
        number = static_cast<double>(value.integer());
    else if (value.kind == value_kind::real)
        number = value.real();
    else if (value.kind == value_kind::text)
        number = find_number<double>(value.bytes);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

// Whole numbers from 0; everything else is not said.
template <class Whole>
Whole whole_of(const any_value& value) noexcept
{
    const auto number = find_real(value);
    constexpr auto most = static_cast<double>(std::numeric_limits<Whole>::max());
    return number && *number >= 0 && *number < most ? static_cast<Whole>(*number) : Whole{-1};
}

double positive_of(const any_value& value) noexcept
{
    constexpr double most = 1e12;
    const auto number = find_real(value);
    return number && *number > 0 && *number < most ? *number : -1;
}

std::int64_t ns_of_ms(const any_value& value) noexcept
{
    constexpr double year_ms = 366.0 * 24 * 3600 * 1000;
    const auto number = find_real(value);
    return number && *number >= 0 && *number < year_ms ? std::llround(*number * ns_per_ms) : -1;
}

// What is kept of it must be a text that can be shown.
std::string_view name_of(const any_value& value) noexcept
{
    const std::string_view text = cut_utf8(value.text(), span_name_bytes_max);
    return is_utf8(text) ? text : std::string_view();
}

struct word {
    std::string_view key;
    void (*take)(const any_value& value, span_words& words);
};

template <auto member>
void take_name(const any_value& value, span_words& words)
{
    words.*member = name_of(value);
}

template <auto member>
void take_count(const any_value& value, span_words& words)
{
    words.*member = whole_of<std::int32_t>(value);
}

template <auto member>
void take_tokens(const any_value& value, span_words& words)
{
    words.*member = whole_of<std::int64_t>(value);
}

template <auto member>
void take_ms(const any_value& value, span_words& words)
{
    words.*member = ns_of_ms(value);
}

template <auto member>
void take_kb(const any_value& value, span_words& words)
{
    words.*member = positive_of(value);
}

void take_arguments(const any_value& value, span_words& words)
{
    words.arguments = value.kind == value_kind::text || value.kind == value_kind::kvlist ? value.bytes : "";
}

constexpr bool before(const word& a, const word& b) noexcept
{
    return std::pair(a.key.size(), a.key) < std::pair(b.key.size(), b.key);
}

constexpr auto words_by_size = [] {
    using w = span_words;
    std::array table = {
        word{"ati.span.kind", take_name<&w::ati_kind>},
        word{"ati.span.type", take_name<&w::ati_type>},
        word{"ati.agent.id", take_name<&w::agent_id>},
        word{"ati.agent.name", take_name<&w::agent_name>},
        word{"ati.tool.name", take_name<&w::tool>},
        word{"ati.tool.arguments", take_arguments},
        word{"ati.tool.payload_kb", take_kb<&w::tool_kb>},
        word{"ati.task.id", take_name<&w::task>},
        word{"ati.retry.attempt", take_count<&w::attempt>},
        word{"ati.retry.count", take_count<&w::retry_count>},
        word{"ati.retry.max", take_count<&w::retries_max>},
        word{"ati.retry.reason", take_name<&w::retry_reason>},
        word{"ati.retry.backoff_ms", take_ms<&w::backoff_ns>},
        word{"ati.wait.kind", take_name<&w::wait_kind>},
        word{"ati.wait.on", take_name<&w::wait_on>},
        word{"ati.error.class", take_name<&w::error_class>},
        word{"ati.worker.index", take_count<&w::worker_index>},
        word{"ati.chain.index", take_count<&w::chain_index>},
        word{"ati.step", take_count<&w::step>},
        word{"ati.step.id", take_count<&w::step_id>},
        word{"ati.loop.iteration", take_count<&w::iteration>},
        word{"ati.fanout", take_count<&w::fanout>},
        word{"ati.fanout.size", take_count<&w::fanout>},
        word{"ati.dag.fanout", take_count<&w::fanout>},
        word{"ati.bg.fanout", take_count<&w::fanout>},
        word{"ati.concurrency", take_count<&w::concurrency>},
        word{"ati.concurrency.limit", take_count<&w::concurrency>},
        word{"ati.rag.total_kb", take_kb<&w::rag_kb>},
        word{"ati.checkpoint.size_kb", take_kb<&w::checkpoint_kb>},
        word{"ati.stream.ttft_ms", take_ms<&w::first_token_ns>},
        word{"ati.stream.max_gap_ms", take_ms<&w::largest_gap_ns>},
        word{"ati.stream.tokens", take_tokens<&w::stream_tokens>},
        word{"ati.tokens.out", take_tokens<&w::output_tokens>},
        word{"gen_ai.operation.name", take_name<&w::gen_operation>},
        word{"gen_ai.agent.id", take_name<&w::gen_agent_id>},
        word{"gen_ai.agent.name", take_name<&w::gen_agent_name>},
        word{"gen_ai.tool.name", take_name<&w::gen_tool>},
        word{"gen_ai.tool.call.arguments", take_arguments},
        word{"gen_ai.usage.output_tokens", take_tokens<&w::output_tokens>},
        word{"gen_ai.usage.completion_tokens", take_tokens<&w::output_tokens>},
        word{"http.request.resend_count", take_count<&w::resend>},
        word{"error.type", take_name<&w::error_type>},
    };
    std::sort(table.begin(), table.end(), before);
    return table;
}();

struct role_word {
    std::string_view text;
    span_role role;
};

constexpr std::array ati_kinds = {
    role_word{"workflow", span_role::workflow},      role_word{"planner", span_role::planner},
    role_word{"worker", span_role::worker},          role_word{"tool_call", span_role::tool},
    role_word{"checkpoint", span_role::io},          role_word{"retrieval", span_role::io},
    role_word{"token_stream", span_role::stream},    role_word{"internal", span_role::step},
    role_word{"interactive", span_role::human},      role_word{"generation", span_role::llm},
};

// `orchestration` of a root is the whole task: role_of().
constexpr std::array ati_types = {
    role_word{"agent", span_role::planner}, role_word{"step", span_role::step}, role_word{"tool", span_role::tool},
    role_word{"llm", span_role::llm},       role_word{"io", span_role::io},
    role_word{"orchestration", span_role::planner},
};

constexpr std::array gen_operations = {
    role_word{"invoke_agent", span_role::planner},    role_word{"create_agent", span_role::planner},
    role_word{"invoke_workflow", span_role::workflow}, role_word{"execute_tool", span_role::tool},
    role_word{"chat", span_role::llm},                role_word{"text_completion", span_role::llm},
    role_word{"generate_content", span_role::llm},    role_word{"embeddings", span_role::llm},
    role_word{"retrieval", span_role::io},
};

struct wait_word {
    std::string_view text;
    span_wait wait;
};

constexpr std::array waits = {
    wait_word{"human", span_wait::human},        wait_word{"user", span_wait::human},
    wait_word{"approval", span_wait::human},     wait_word{"interactive", span_wait::human},
    wait_word{"queue", span_wait::queue},        wait_word{"lock", span_wait::queue},
    wait_word{"slot", span_wait::queue},         wait_word{"backoff", span_wait::backoff},
    wait_word{"rate_limit", span_wait::backoff}, wait_word{"retry", span_wait::backoff},
    wait_word{"tool", span_wait::tool},          wait_word{"dependency", span_wait::tool},
};

template <std::size_t Size>
std::optional<span_role> find_role(std::string_view text, const std::array<role_word, Size>& table) noexcept
{
    const auto found = std::find_if(table.begin(), table.end(), [text](const auto& one) { return one.text == text; });
    return found != table.end() ? std::optional(found->role) : std::nullopt;
}

std::optional<span_wait> find_wait(std::string_view text) noexcept
{
    const auto found = std::find_if(waits.begin(), waits.end(), [text](const auto& one) { return one.text == text; });
    return found != waits.end() ? std::optional(found->wait) : std::nullopt;
}

}  // namespace

void take_word(std::string_view key, const any_value& value, span_words& words) noexcept
{
    const auto found = std::lower_bound(
        words_by_size.begin(), words_by_size.end(), key,
        [](const word& one, std::string_view wanted) { return before(one, {wanted, nullptr}); }
    );
    if (found != words_by_size.end() && found->key == key)
        found->take(value, words);
}

span_role role_of(const span_words& words, model::operation_kind kind, bool is_root) noexcept
{
    if (const auto role = find_role(words.ati_kind, ati_kinds))
        return *role;
    if (is_root && words.ati_type == "orchestration")
        return span_role::workflow;
    if (const auto role = find_role(words.ati_type, ati_types))
        return *role;
    if (const auto role = find_role(words.gen_operation, gen_operations))
        return *role;
    if (wait_of(words) == span_wait::human)
        return span_role::human;
    return kind == model::operation_kind::db ? span_role::io : span_role::plain;
}

span_wait wait_of(const span_words& words) noexcept
{
    if (const auto wait = find_wait(words.wait_kind))
        return *wait;
    if (const auto wait = find_wait(words.wait_on))
        return *wait;
    return words.wait_kind.empty() && words.wait_on.empty() ? span_wait::none : span_wait::other;
}

}  // namespace reprise::telemetry
