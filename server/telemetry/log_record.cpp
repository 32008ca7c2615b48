#include "log_record.hpp"

#include "number_text.hpp"
#include "protocol.hpp"
#include "rrpair_protocol.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/telemetry/otlp_decode.hpp"

#include <limits>

namespace reprise::telemetry {
namespace {

constexpr double duration_ms_max = 100.0 * 366 * 24 * 3600 * 1000;

std::string_view read_text(std::string_view value, wire_fault& fault) noexcept
{
    return read_any_value(value, fault).text();
}

template <class Visit>
void for_each_inner(std::string_view value, wire_fault& fault, Visit visit) noexcept
{
    const any_value inner = read_any_value(value, fault);
    if (inner.kind == value_kind::kvlist)
        for_each_pair(inner.bytes, fault, visit);
}

void read_request_headers(std::string_view value, log_fields& fields, wire_fault& fault) noexcept
{
    for_each_inner(value, fault, [&](std::string_view key, std::string_view header) {
        if (is_same_name(key, "traceparent"))
            fields.traceparent = first_text(read_any_value(header, fault), fault);
        else if (is_same_name(key, "content-type"))
            fields.content_type = first_text(read_any_value(header, fault), fault);
        else if (is_same_name(key, "x-replay"))
            fields.replayed = true;
    });
}

void read_http(std::string_view value, log_fields& fields, wire_fault& fault) noexcept
{
    fields.has_http = true;
    for_each_inner(value, fault, [&](std::string_view part, std::string_view message) {
        if (is_key(part, "request") || is_key(part, "req")) {
            for_each_inner(message, fault, [&](std::string_view key, std::string_view field) {
                if (is_key(key, "method"))
                    fields.http_method = read_text(field, fault);
                else if (is_key(key, "url"))
                    fields.http_url = read_text(field, fault);
                else if (is_key(key, "uri"))
                    fields.http_uri = read_text(field, fault);
                else if (is_key(key, "headers"))
                    read_request_headers(field, fields, fault);
            });
        } else if (is_key(part, "response") || is_key(part, "res")) {
            fields.http_response = message;
            for_each_inner(message, fault, [&](std::string_view key, std::string_view field) {
                if (is_key(key, "statusCode"))
                    fields.status_code = read_any_value(field, fault);
            });
        }
    });
}

void read_signature(std::string_view value, log_fields& fields, wire_fault& fault) noexcept
{
    for_each_inner(value, fault, [&](std::string_view key, std::string_view field) {
        if (is_key(key, "postgres:query") || is_key(key, "mysql:query"))
            fields.signature = read_text(field, fault);
    });
}

// A text under one of the keys of an RRPair.
struct body_key {
    std::string_view key;
    std::string_view value;
    wire_fault& fault;

    template <std::size_t Size>
    [[gnu::always_inline]] bool text(const char (&name)[Size], std::string_view& into) const noexcept
    {
        if (!is_key(key, name))
            return false;
        into = read_any_value(value, fault).text();
        return true;
    }
};

// By length first: most keys are decided by one comparison.
void read_body_key(const body_key& one, log_fields& fields) noexcept
{
    switch (one.key.size()) {
    case 2: one.text("ts", fields.ts); break;
    case 4:
        if (is_key(one.key, "http"))
            read_http(one.value, fields, one.fault);
        else if (is_key(one.key, "grpc"))
            fields.protocol_part = one.value;
        break;
    case 5:
        if (is_key(one.key, "redis") || is_key(one.key, "kafka") || is_key(one.key, "mysql") ||
            is_key(one.key, "mongo"))
            fields.protocol_part = one.value;
        break;
    case 6: one.text("status", fields.status) || one.text("spanId", fields.span_hex); break;
    case 7:
        one.text("msgType", fields.msg_type) || one.text("command", fields.command) ||
            one.text("service", fields.service) || one.text("traceId", fields.trace_hex);
        break;
    case 8:
        if (is_key(one.key, "duration"))
            fields.duration = read_any_value(one.value, one.fault);
        else if (is_key(one.key, "postgres") || is_key(one.key, "AmqpV091"))
            fields.protocol_part = one.value;
        else
            one.text("location", fields.location) || one.text("resource", fields.resource);
        break;
    case 9: one.text("direction", fields.direction); break;
    case 10: one.text("l7protocol", fields.l7protocol); break;
    case 12: one.text("parentSpanId", fields.parent_hex); break;
    case 16:
        if (is_key(one.key, "mutableSignature"))
            read_signature(one.value, fields, one.fault);
        break;
    default: break;
    }
}

std::optional<double> number_of(const any_value& value) noexcept
{
    switch (value.kind) {
    case value_kind::integer: return static_cast<double>(value.integer());
    case value_kind::real: return value.real();
    case value_kind::text: return find_number<double>(value.bytes);
    default: return std::nullopt;
    }
}

std::optional<errc> read_times(const log_fields& fields, call_view& call) noexcept
{
    if (!fields.ts.empty()) {
        const auto time = parse_rfc3339(fields.ts);
        if (!time)
            return errc::bad_timestamp;
        call.start_ns = *time;
    } else {
        const std::uint64_t time = fields.time_ns != 0 ? fields.time_ns : fields.observed_ns;
        if (time == 0)
            return errc::no_timestamp;
        if (time > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return errc::bad_timestamp;
        call.start_ns = static_cast<std::int64_t>(time);
    }
    if (fields.duration.kind == value_kind::none)
        return std::nullopt;  // Senders leave out zero.
    const auto duration_ms = number_of(fields.duration);
    if (!duration_ms || !(*duration_ms >= 0 && *duration_ms <= duration_ms_max))
        return errc::bad_duration;
    call.duration_ns = static_cast<std::int64_t>(*duration_ms * static_cast<double>(ns_per_ms) + 0.5);
    return std::nullopt;
}

// "00-<trace id>-<span id>-<flags>": the caller's span, which of an inbound call is the parent and of
// an outbound call the call itself.
void read_traceparent(std::string_view text, bool inbound, call_view& call) noexcept
{
    constexpr std::size_t header_bytes = 55;
    if (text.size() < header_bytes || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return;
    call.trace = model::parse_trace_id(text.substr(3, 32));
    if (call.trace)
        (inbound ? call.parent_span : call.span) = model::parse_span_id(text.substr(36, 16));
}

// The header is what really travelled, so it wins; span ids count only within its trace.
void read_ids(const log_fields& fields, bool inbound, call_view& call) noexcept
{
    read_traceparent(fields.traceparent, inbound, call);
    if (!call.trace)
        call.trace = fields.trace;
    if (call.span == 0 && fields.trace == call.trace)
        call.span = fields.span;
    const bool wants_span = call.span == 0 && !fields.span_hex.empty();
    const bool wants_parent = call.parent_span == 0 && !fields.parent_hex.empty();
    if (call.trace && !wants_span && !wants_parent)
        return;
    const model::trace_id named = model::parse_trace_id(fields.trace_hex);
    if (!call.trace)
        call.trace = named;
    if (named != call.trace && !fields.trace_hex.empty())
        return;
    if (wants_span)
        call.span = model::parse_span_id(fields.span_hex);
    if (wants_parent)
        call.parent_span = model::parse_span_id(fields.parent_hex);
}

// "404" and "404 Not Found" when there is no status code of its own.
std::uint16_t status_in_text(std::string_view text) noexcept
{
    if (text.size() < 3 || (text.size() > 3 && text[3] != ' '))
        return 0;
    const auto number = find_number<std::uint16_t>(text.substr(0, 3));
    return number && *number >= 100 ? *number : std::uint16_t{0};
}

// Recorders that write both give the query in uri alone.
std::string_view request_target(const log_fields& fields) noexcept
{
    const std::string_view url = fields.http_url;
    if (!fields.http_uri.empty() && (url.empty() || (url.starts_with('/') && url.find('?') == std::string_view::npos)))
        return fields.http_uri;
    return url.empty() ? fields.location : url;
}

std::optional<errc> interpret_http(const log_fields& fields, call_view& call) noexcept
{
    if (is_grpc_over_http(fields))
        return interpret_grpc(fields, call);
    call.form = target_form::path;
    call.protocol = "http";
    call.method = fields.http_method.empty() ? fields.command : fields.http_method;
    if (call.method.empty())
        return errc::no_method;
    const std::string_view url = request_target(fields);
    if (url.empty())
        return errc::no_target;
    call.detail = path_and_query(url);
    call.target = without_query(call.detail);

    const auto code = number_of(fields.status_code);
    if (code && *code >= 1 && *code <= 999)
        call.status = static_cast<std::uint16_t>(*code);
    else if (is_ok_status(fields.status))
        call.status = 200;
    else
        call.status = status_in_text(fields.status);
    if (call.status == 0 && !code && fields.status.empty())
        return errc::no_outcome;
    call.outcome = outcome_of_http(call.status);
    return std::nullopt;
}

// Recorders outside a cluster name the service "undefined".
bool is_named(std::string_view service) noexcept
{
    return !service.empty() && !is_key(service, "undefined");
}

std::string_view service_of(const log_fields& fields, std::string_view service) noexcept
{
    for (const std::string_view name : {fields.service_attribute, fields.service, service, fields.resource}) {
        if (is_named(name))
            return name;
    }
    return unknown_service;
}

}  // namespace

void read_log_record(std::string_view record, log_fields& fields, wire_fault& fault) noexcept
{
    std::string_view body;
    wire_cursor cursor(record, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case fixed64_tag(1): fields.time_ns = field.number; break;
        case fixed64_tag(11): fields.observed_ns = field.number; break;
        case bytes_tag(5): body = field.bytes; break;
        case bytes_tag(6): {
            const key_value pair = read_key_value(field.bytes, fault);
            if (is_key(pair.key, "service"))
                fields.service_attribute = read_text(pair.value, fault);
            break;
        }
        case bytes_tag(9): fields.trace = read_trace_id(field.bytes, fault); break;
        case bytes_tag(10): fields.span = read_span_id(field.bytes, fault); break;
        default: break;
        }
    }
    if (body.data() == nullptr)
        return;
    const any_value value = read_any_value(body, fault);
    fields.body_kind = value.kind;
    if (value.kind == value_kind::kvlist) {
        for_each_pair(value.bytes, fault, [&](std::string_view key, std::string_view inner) {
            read_body_key({key, inner, fault}, fields);
        });
    }
}

std::optional<errc> interpret(const log_fields& fields, std::string_view service, call_view& call) noexcept
{
    if (fields.body_kind == value_kind::none)
        return errc::no_body;
    if (fields.body_kind != value_kind::kvlist)
        return errc::body_not_kvlist;
    if (!fields.msg_type.empty() && !is_same_text(fields.msg_type, "rrpair"))
        return errc::not_rrpair;
    if (fields.l7protocol.empty() && !fields.has_http && fields.signature.empty())
        return errc::no_protocol;

    call.source = model::source::rrpair;
    call.replayed = fields.replayed;
    call.service = service_of(fields, service);
    if (call.service.size() > service_bytes_max)
        return errc::service_too_long;
    if (const auto bad = read_times(fields, call))
        return bad;
    const bool inbound = !is_same_text(fields.direction, "out");
    call.kind = inbound ? model::operation_kind::server : model::operation_kind::client;
    read_ids(fields, inbound, call);

    if (fields.l7protocol.empty() && fields.has_http)
        return interpret_http(fields, call);
    const protocol_entry protocol = find_protocol(fields.l7protocol);
    if (protocol.form == protocol_form::http)
        return interpret_http(fields, call);
    return interpret_protocol(fields, protocol, call);
}

}  // namespace reprise::telemetry
