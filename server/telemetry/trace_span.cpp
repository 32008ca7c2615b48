#include "reprise/telemetry/trace_spans.hpp"

#include "call.hpp"
#include "span_record.hpp"
#include "span_words.hpp"
#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <limits>

namespace reprise::telemetry {
namespace {

std::string_view shown(std::string_view text, std::size_t bytes_max) noexcept
{
    const std::string_view cut = cut_utf8(text, bytes_max);
    return is_utf8(cut) ? cut : std::string_view();
}

// What a Span says beyond the call that it is.
struct span_details {
    span_words words;
    std::string_view largest_key;
    std::size_t largest_bytes = 0;
    std::string_view exception_type;     // Of the last one.
    std::string_view exception_message;
};

void read_attribute(std::string_view attribute, span_details& details, wire_fault& fault) noexcept
{
    const key_value pair = read_key_value(attribute, fault);
    const any_value value = read_any_value(pair.value, fault);
    if (value.bytes.size() > details.largest_bytes) {
        details.largest_bytes = value.bytes.size();
        details.largest_key = pair.key;
    }
    take_word(pair.key, value, details.words);
}

struct span_event {
    std::string_view name;
    std::uint64_t time_ns = 0;
};

span_event read_event(std::string_view event, wire_fault& fault) noexcept
{
    span_event read;
    wire_cursor cursor(event, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == fixed64_tag(1))
            read.time_ns = field.number;
        else if (field.tag == bytes_tag(2))
            read.name = field.bytes;
    }
    return read;
}

void read_exception(std::string_view event, span_details& details, wire_fault& fault) noexcept
{
    details.exception_type = {};
    details.exception_message = {};
    wire_cursor cursor(event, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag != bytes_tag(3))
            continue;
        const key_value pair = read_key_value(field.bytes, fault);
        if (pair.key == "exception.type")
            details.exception_type = read_any_value(pair.value, fault).text();
        else if (pair.key == "exception.message")
            details.exception_message = read_any_value(pair.value, fault).text();
    }
}

span_details read_details(std::string_view span, std::vector<std::int64_t>& token_ns, wire_fault& fault)
{
    constexpr auto time_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    span_details details;
    std::size_t tokens = 0;
    wire_cursor cursor(span, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(9)) {
            read_attribute(field.bytes, details, fault);
        } else if (field.tag == bytes_tag(11)) {
            const span_event event = read_event(field.bytes, fault);
            if (event.name == "exception") {
                read_exception(field.bytes, details, fault);
            } else if (event.name == "token" && tokens < span_tokens_max && event.time_ns - 1 < time_max) {
                token_ns.push_back(static_cast<std::int64_t>(event.time_ns));
                ++tokens;
            }
        }
    }
    return details;
}

template <class Value>
Value first_said(Value first, Value second) noexcept
{
    return first >= 0 ? first : second;
}

std::string_view first_said(std::string_view first, std::string_view second) noexcept
{
    return !first.empty() ? first : second;
}

// A parameterised statement hides what was asked for.
std::uint64_t arguments_of(const call_view& call, const span_words& words) noexcept
{
    if (!words.arguments.empty())
        return std::max<std::uint64_t>(hash64(words.arguments), 1);
    const bool is_sql = call.form == target_form::sql || call.form == target_form::sql_step;
    if (call.detail.empty() || (is_sql && call.detail.find_first_of("?$") != std::string_view::npos))
        return 0;
    const std::uint64_t hash = hash64(call.detail);
    return std::max<std::uint64_t>(call.query.empty() ? hash : hash64(call.query, hash), 1);
}

bool is_failed(const span_fields& fields, const call_view& call) noexcept
{
    constexpr std::uint64_t status_error = 2;
    return fields.status_code == status_error || call.outcome == model::outcome::server_error ||
           call.outcome == model::outcome::throttled;
}

void fill_call(const span_fields& fields, const call_view& call, model::trace_span& span) noexcept
{
    span.id = fields.span;
    span.parent = fields.parent;
    span.start_ns = static_cast<std::int64_t>(fields.start_ns);
    span.end_ns = static_cast<std::int64_t>(fields.end_ns);
    span.kind = call.kind;
    span.failed = is_failed(fields, call);
    span.status = call.status;
    span.service = call.service;
    span.name = shown(fields.name, span_name_bytes_max);
}

void fill_words(const span_words& words, model::trace_span& span) noexcept
{
    span.role = role_of(words, span.kind, span.parent == 0);
    span.wait = wait_of(words);
    span.agent = first_said(
        first_said(words.agent_id, words.gen_agent_id), first_said(words.gen_agent_name, words.agent_name)
    );
    span.tool = first_said(words.tool, words.gen_tool);
    span.task = words.task;
    span.retry_reason = words.retry_reason;
    span.attempt = first_said(words.attempt, words.resend);
    span.retry_count = words.retry_count;
    span.retries_max = words.retries_max;
    span.backoff_ns = words.backoff_ns;
    span.index = first_said(words.worker_index, words.chain_index);
    span.step = first_said(words.step, first_said(words.step_id, words.iteration));
    span.fanout = words.fanout;
    span.concurrency = words.concurrency;
    span.payload_kb = first_said(words.rag_kb, first_said(words.tool_kb, words.checkpoint_kb));
    span.first_token_ns = words.first_token_ns;
    span.largest_gap_ns = words.largest_gap_ns;
    span.tokens = first_said(words.stream_tokens, words.output_tokens);
}

void fill_errors(const span_details& details, const span_fields& fields, model::trace_span& span) noexcept
{
    const std::string_view said = first_said(details.words.error_type, details.words.error_class);
    const std::string_view type = shown(details.exception_type, span_name_bytes_max);
    span.error_type = first_said(type, said);
    const std::string_view message = shown(details.exception_message, span_message_bytes_max);
    span.error_message = first_said(message, shown(fields.status_message, span_message_bytes_max));
}

}  // namespace

bool read_trace_span(std::string_view span, std::string_view service, model::trace& into)
{
    wire_fault fault;
    span_fields fields;
    read_span(span, fields, fault);
    call_view call;
    if (fault || interpret(fields, service, call))
        return false;
    const std::size_t tokens_before = into.token_ns.size();
    const span_details details = read_details(span, into.token_ns, fault);
    if (fault) {
        into.token_ns.resize(tokens_before);
        return false;
    }
    model::trace_span& read = into.spans.emplace_back();
    fill_call(fields, call, read);
    fill_words(details.words, read);
    fill_errors(details, fields, read);
    read.arguments = arguments_of(call, details.words);
    read.largest_key = shown(details.largest_key, span_name_bytes_max);
    read.largest_bytes = static_cast<std::uint32_t>(details.largest_bytes);
    read.token_offset = static_cast<std::uint32_t>(tokens_before);
    read.token_count = static_cast<std::uint32_t>(into.token_ns.size() - tokens_before);
    return true;
}

std::optional<model::operation_key> find_span_operation(std::string_view span, std::string_view service)
{
    wire_fault fault;
    span_fields fields;
    read_span(span, fields, fault);
    call_view call;
    if (fault || interpret(fields, service, call))
        return std::nullopt;
    check_names(call, fault);
    if (fault)
        return std::nullopt;
    operation_text text;
    return model::operation_key(text.normalise(call));
}

}  // namespace reprise::telemetry
