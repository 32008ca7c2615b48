#include "otlp_fields.hpp"

#include <google/protobuf/descriptor.h>

#include <bit>
#include <map>
#include <set>

namespace reprise::fuzz {
namespace {

using telemetry::any_value;
using telemetry::any_value_message;
using telemetry::is_same_name;
using telemetry::kvlist_message;
using telemetry::log_fields;
using telemetry::span_fields;
using telemetry::value_kind;
using telemetry::wire_fault;

// Lists and their like keep their kind alone: nothing but their kind is asked for.
any_value to_value(const any_value_message& message)
{
    switch (message.value_case()) {
    case any_value_message::kStringValue: return {value_kind::text, 0, message.string_value()};
    case any_value_message::kBoolValue: return {value_kind::boolean, message.bool_value() ? 1U : 0U, {}};
    case any_value_message::kIntValue:
        return {value_kind::integer, static_cast<std::uint64_t>(message.int_value()), {}};
    case any_value_message::kDoubleValue:
        return {value_kind::real, std::bit_cast<std::uint64_t>(message.double_value()), {}};
    case any_value_message::kArrayValue: return {value_kind::array, 0, {}};
    case any_value_message::kKvlistValue: return {value_kind::kvlist, 0, {}};
    case any_value_message::kBytesValue: return {value_kind::bytes, 0, message.bytes_value()};
    default: return {};
    }
}

std::string_view text_of(const any_value_message& message)
{
    return to_value(message).text();
}

std::string_view first_text(const any_value_message& message)
{
    if (!message.has_array_value())
        return text_of(message);
    return message.array_value().values_size() > 0 ? text_of(message.array_value().values(0)) : std::string_view();
}

template <class Visit>
void for_each_pair(const any_value_message& message, Visit visit)
{
    for (const auto& pair : message.kvlist_value().values())
        visit(std::string_view(pair.key()), pair.value());
}

void read_request_key(std::string_view key, const any_value_message& value, log_fields& fields)
{
    if (key == "method")
        fields.http_method = text_of(value);
    if (key == "url" || key == "uri")
        fields.http_url = text_of(value);
    if (key != "headers")
        return;
    for_each_pair(value, [&fields](std::string_view name, const any_value_message& header) {
        if (is_same_name(name, "traceparent"))
            fields.traceparent = first_text(header);
        fields.replayed = fields.replayed || is_same_name(name, "x-replay");
    });
}

void read_http(const any_value_message& http, log_fields& fields)
{
    fields.has_http = true;
    for_each_pair(http, [&fields](std::string_view part, const any_value_message& message) {
        const bool is_request = part == "request" || part == "req";
        const bool is_response = part == "response" || part == "res";
        for_each_pair(message, [&](std::string_view key, const any_value_message& value) {
            if (is_request)
                read_request_key(key, value, fields);
            else if (is_response && key == "statusCode")
                fields.status_code = to_value(value);
        });
    });
}

void read_body_key(std::string_view key, const any_value_message& value, log_fields& fields)
{
    const std::map<std::string_view, std::string_view*> texts = {
        {"msgType", &fields.msg_type},   {"ts", &fields.ts},             {"l7protocol", &fields.l7protocol},
        {"direction", &fields.direction}, {"command", &fields.command},  {"location", &fields.location},
        {"status", &fields.status},      {"service", &fields.service},   {"traceId", &fields.trace_hex},
        {"spanId", &fields.span_hex},    {"parentSpanId", &fields.parent_hex}};
    if (const auto found = texts.find(key); found != texts.end())
        *found->second = text_of(value);
    if (key == "duration")
        fields.duration = to_value(value);
    if (key == "http")
        read_http(value, fields);
    if (key != "mutableSignature")
        return;
    for_each_pair(value, [&fields](std::string_view name, const any_value_message& signature) {
        if (name == "postgres:query")
            fields.signature = text_of(signature);
    });
}

void read_span_key(std::string_view key, const any_value_message& value, span_fields& fields)
{
    const std::map<std::string_view, std::string_view*> texts = {
        {"http.request.method", &fields.http_method}, {"http.method", &fields.http_method},
        {"http.route", &fields.http_route},           {"url.template", &fields.http_route},
        {"url.path", &fields.url_path},               {"url.query", &fields.url_query},
        {"url.full", &fields.url},                    {"http.url", &fields.url},
        {"http.target", &fields.url},                 {"server.address", &fields.host},
        {"net.peer.name", &fields.host},              {"db.system", &fields.db_system},
        {"db.system.name", &fields.db_system},        {"db.statement", &fields.db_statement},
        {"db.query.text", &fields.db_statement},      {"db.operation", &fields.db_operation},
        {"db.operation.name", &fields.db_operation},  {"rpc.system", &fields.rpc_system},
        {"rpc.system.name", &fields.rpc_system},      {"rpc.service", &fields.rpc_service},
        {"rpc.method", &fields.rpc_method},           {"messaging.system", &fields.messaging_system},
        {"messaging.operation", &fields.messaging_operation},
        {"messaging.operation.name", &fields.messaging_operation},
        {"messaging.destination", &fields.messaging_destination},
        {"messaging.destination.name", &fields.messaging_destination}};
    const std::map<std::string_view, any_value*> values = {
        {"http.response.status_code", &fields.http_status}, {"http.status_code", &fields.http_status},
        {"rpc.grpc.status_code", &fields.rpc_status},       {"rpc.response.status_code", &fields.rpc_status}};
    if (const auto found = texts.find(key); found != texts.end())
        *found->second = text_of(value);
    if (const auto found = values.find(key); found != values.end())
        *found->second = to_value(value);
    fields.replayed = fields.replayed || key == "http.request.header.x-replay";
}

bool is_message(const google::protobuf::FieldDescriptor& field)
{
    return field.type() == google::protobuf::FieldDescriptor::TYPE_MESSAGE;
}

}  // namespace

log_fields read_fields(const telemetry::log_record& record)
{
    log_fields fields;
    wire_fault fault;
    fields.time_ns = record.time_unix_nano();
    fields.observed_ns = record.observed_time_unix_nano();
    fields.trace = telemetry::read_trace_id(record.trace_id(), fault);
    fields.span = telemetry::read_span_id(record.span_id(), fault);
    for (const auto& pair : record.attributes()) {
        if (pair.key() == "service")
            fields.service_attribute = text_of(pair.value());
    }
    fields.body_kind = to_value(record.body()).kind;
    for_each_pair(record.body(), [&fields](std::string_view key, const any_value_message& value) {
        read_body_key(key, value, fields);
    });
    return fields;
}

span_fields read_fields(const telemetry::span_record& span)
{
    span_fields fields;
    wire_fault fault;
    fields.trace = telemetry::read_trace_id(span.trace_id(), fault);
    fields.span = telemetry::read_span_id(span.span_id(), fault);
    fields.parent = telemetry::read_span_id(span.parent_span_id(), fault);
    fields.name = span.name();
    fields.kind = static_cast<std::uint64_t>(span.kind());
    fields.start_ns = span.start_time_unix_nano();
    fields.end_ns = span.end_time_unix_nano();
    fields.status_code = static_cast<std::uint64_t>(span.status().code());
    fields.status_message = span.status().message();
    for (const auto& pair : span.attributes())
        read_span_key(pair.key(), pair.value(), fields);
    return fields;
}

std::string_view service_name(const telemetry::otlp::resource::v1::Resource& resource)
{
    std::string_view service;
    for (const auto& pair : resource.attributes()) {
        if (pair.key() == "service.name")
            service = text_of(pair.value());
    }
    return service;
}

bool has_repeated_message(const google::protobuf::Descriptor& type, std::string_view bytes)
{
    std::set<std::uint32_t> seen;
    wire_fault fault;
    telemetry::wire_cursor cursor(bytes, fault);
    for (telemetry::wire_field field; cursor.next(field);) {
        const auto* const known = type.FindFieldByNumber(static_cast<int>(field.tag >> 3));
        if (known == nullptr || !is_message(*known) || (field.tag & 7) != 2)
            continue;
        if (!known->is_repeated() && !seen.insert(field.tag).second)
            return true;
        if (has_repeated_message(*known->message_type(), field.bytes))
            return true;
    }
    return false;
}

}  // namespace reprise::fuzz
