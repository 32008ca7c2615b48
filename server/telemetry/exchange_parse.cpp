#include "reprise/telemetry/exchange_parse.hpp"

#include "base64_text.hpp"
#include "json_value.hpp"
#include "log_record.hpp"
#include "rrpair_protocol.hpp"
#include "span_record.hpp"
#include "text_class.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::string_view request_header_prefix = "http.request.header.";
constexpr std::string_view response_header_prefix = "http.response.header.";

// Texts, and arrays of them joined; numbers as they print.
std::string read_header_value(const any_value& value, wire_fault& fault)
{
    if (value.kind == value_kind::text)
        return std::string(value.bytes);
    if (value.kind != value_kind::array) {
        const boost::json::value other = decode_any_value(value, fault);
        return other.is_null() ? std::string() : boost::json::serialize(other);
    }
    std::string joined;
    wire_cursor cursor(value.bytes, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag != bytes_tag(1))
            continue;
        if (!joined.empty())
            joined += ", ";
        joined += read_any_value(field.bytes, fault).text();
    }
    return joined;
}

std::string read_body(const any_value& value, wire_fault& fault)
{
    switch (value.kind) {
    case value_kind::text:
    case value_kind::bytes: return std::string(value.bytes);
    case value_kind::none: return {};
    default: return boost::json::serialize(decode_any_value(value, fault));
    }
}

// What is no base64 after all stays as it is: better an odd body than none.
std::string read_base64(std::string_view text)
{
    auto bytes = find_base64(text);
    return bytes ? std::move(*bytes) : std::string(text);
}

void read_headers(const any_value& value, model::header_list& headers, wire_fault& fault)
{
    if (value.kind != value_kind::kvlist)
        return;
    for_each_pair(value.bytes, fault, [&](std::string_view key, std::string_view header) {
        const any_value values = read_any_value(header, fault);
        if (values.kind != value_kind::array) {
            headers.emplace_back(std::string(key), read_header_value(values, fault));
            return;
        }
        // A header that was sent more than once.
        wire_cursor cursor(values.bytes, fault);
        for (wire_field field; cursor.next(field);) {
            if (field.tag == bytes_tag(1))
                headers.emplace_back(std::string(key), read_header_value(read_any_value(field.bytes, fault), fault));
        }
    });
}

// Where the host may be named.
struct host_names {
    std::string_view request;  // http.request.host.
    std::string_view network;  // network_address.
};

void read_message(
    const any_value& value, model::header_list& headers, std::string& body, std::string_view& host, wire_fault& fault
)
{
    if (value.kind != value_kind::kvlist)
        return;
    for_each_pair(value.bytes, fault, [&](std::string_view key, std::string_view field) {
        if (key == "headers")
            read_headers(read_any_value(field, fault), headers, fault);
        else if (key == "body")
            body = read_body(read_any_value(field, fault), fault);
        else if (key == "bodyBase64")
            body = read_base64(read_any_value(field, fault).text());
        else if (key == "host")
            host = read_any_value(field, fault).text();
    });
}

void read_http_part(std::string_view value, model::exchange& exchange, host_names& hosts, wire_fault& fault)
{
    const any_value http = read_any_value(value, fault);
    if (http.kind != value_kind::kvlist)
        return;
    std::string_view ignored;
    for_each_pair(http.bytes, fault, [&](std::string_view part, std::string_view message) {
        const any_value inner = read_any_value(message, fault);
        if (part == "request" || part == "req")
            read_message(inner, exchange.request_headers, exchange.request_body, hosts.request, fault);
        else if (part == "response" || part == "res")
            read_message(inner, exchange.response_headers, exchange.response_body, ignored, fault);
    });
}

// Headers, bodies and hosts: what the hot way does not look at.
host_names read_cold_parts(std::string_view record, model::exchange& exchange, wire_fault& fault)
{
    any_value body;
    wire_cursor cursor(record, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(5))
            body = read_any_value(field.bytes, fault);
    }
    host_names hosts;
    for_each_pair(body.bytes, fault, [&](std::string_view key, std::string_view value) {
        if (key == "http")
            read_http_part(value, exchange, hosts, fault);
        else if (key == "network_address" || key == "networkAddress")
            hosts.network = read_any_value(value, fault).text();
    });
    return hosts;
}

model::exchange begin_exchange(const call_view& call)
{
    model::exchange exchange;
    operation_text text;
    exchange.operation = model::operation_key(text.normalise(call));
    exchange.outcome = call.outcome;
    exchange.status = call.status;
    exchange.start_ns = call.start_ns;
    exchange.duration_ns = call.duration_ns;
    exchange.method = call.method;
    exchange.trace = call.trace;
    exchange.span = call.span;
    exchange.parent_span = call.parent_span;
    return exchange;
}

bool is_status_number(std::string_view status) noexcept
{
    return !status.empty() && std::all_of(status.begin(), status.end(), is_digit);
}

// What the record says about how the call failed; codes are said elsewhere.
std::string_view message_of(const log_fields& fields, const call_view& call) noexcept
{
    if (call.outcome == model::outcome::ok)
        return {};
    const bool is_code = is_same_text(call.protocol, "grpc") ? find_grpc_code(fields.status).has_value()
                                                             : is_status_number(fields.status);
    if (!is_code && !says_nothing(fields.status))
        return fields.status;
    return call.form == target_form::path ? std::string_view() : find_error_text(fields);
}

void fill_target(const log_fields& fields, const call_view& call, model::exchange& exchange)
{
    switch (call.form) {
    case target_form::sql:
    case target_form::sql_step:
        exchange.direction = model::direction::out;
        exchange.statement = call.detail;
        exchange.method = fields.command.empty() ? exchange.operation.method : std::string(fields.command);
        break;
    case target_form::path:
        exchange.path = call.detail.starts_with('/') ? std::string(call.detail) : "/" + std::string(call.detail);
        exchange.complete = true;
        break;
    case target_form::key:
    case target_form::name: exchange.path = call.target; break;
    }
}

result<model::exchange> parse_log_record(std::string_view record, std::string_view service)
{
    wire_fault fault;
    log_fields fields;
    read_log_record(record, fields, fault);
    call_view call;
    if (fault)
        return errc::malformed_wire;
    if (const auto bad = interpret(fields, service, call))
        return *bad;
    check_names(call, fault);
    if (fault)
        return errc::malformed_wire;

    model::exchange exchange = begin_exchange(call);
    exchange.direction = is_same_text(fields.direction, "out") ? model::direction::out : model::direction::in;
    fill_target(fields, call, exchange);
    const host_names hosts = read_cold_parts(record, exchange, fault);
    if (fault)
        return errc::malformed_wire;
    const bool may_be_url = call.form == target_form::path || call.form == target_form::name;
    if (!fields.http_url.empty() || may_be_url)
        exchange.host = authority_of(fields.http_url.empty() ? fields.location : fields.http_url);
    if (exchange.host.empty())
        exchange.host = hosts.request;
    if (exchange.host.empty())
        exchange.host = model::find_header(exchange.request_headers, "host");
    if (exchange.host.empty())
        exchange.host = hosts.network;
    exchange.message = message_of(fields, call);
    return exchange;
}

// "type: message" of an exception event.
std::string read_exception(std::string_view event, wire_fault& fault)
{
    std::string type;
    std::string message;
    bool is_exception = false;
    wire_cursor cursor(event, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(2))
            is_exception = field.bytes == "exception";
        if (field.tag != bytes_tag(3))
            continue;
        const key_value pair = read_key_value(field.bytes, fault);
        if (pair.key == "exception.type")
            type = read_any_value(pair.value, fault).text();
        else if (pair.key == "exception.message")
            message = read_any_value(pair.value, fault).text();
    }
    if (!is_exception)
        return {};
    return type.empty() || message.empty() ? type + message : type + ": " + message;
}

void read_span_header(std::string_view attribute, model::exchange& exchange, wire_fault& fault)
{
    const key_value pair = read_key_value(attribute, fault);
    const auto add = [&](model::header_list& headers, std::string_view prefix) {
        headers.emplace_back(
            std::string(pair.key.substr(prefix.size())), read_header_value(read_any_value(pair.value, fault), fault)
        );
    };
    if (pair.key.starts_with(request_header_prefix))
        add(exchange.request_headers, request_header_prefix);
    else if (pair.key.starts_with(response_header_prefix))
        add(exchange.response_headers, response_header_prefix);
}

// Headers and the last exception.
void read_span_details(std::string_view span, model::exchange& exchange, wire_fault& fault)
{
    wire_cursor cursor(span, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(9)) {
            read_span_header(field.bytes, exchange, fault);
        } else if (field.tag == bytes_tag(11)) {
            std::string message = read_exception(field.bytes, fault);
            if (!message.empty())
                exchange.message = std::move(message);
        }
    }
}

void fill_target(const call_view& call, model::exchange& exchange)
{
    switch (call.form) {
    case target_form::sql:
    case target_form::sql_step: exchange.statement = call.detail; break;
    case target_form::path:
        exchange.path = call.detail;
        if (!exchange.path.empty() && !exchange.path.starts_with('/'))
            exchange.path.insert(0, "/");
        if (!call.query.empty())
            exchange.path.append(call.query.starts_with('?') ? "" : "?").append(call.query);
        break;
    case target_form::key:
    case target_form::name:
        exchange.path = call.target;
        exchange.statement = call.detail;
        break;
    }
}

result<model::exchange> parse_span(std::string_view span, std::string_view service)
{
    wire_fault fault;
    span_fields fields;
    read_span(span, fields, fault);
    call_view call;
    if (fault)
        return errc::malformed_wire;
    if (const auto bad = interpret(fields, service, call))
        return *bad;
    check_names(call, fault);
    if (fault)
        return errc::malformed_wire;

    model::exchange exchange = begin_exchange(call);
    const bool inward = call.kind == model::operation_kind::server || fields.kind == span_kind_consumer;
    exchange.direction = inward ? model::direction::in : model::direction::out;
    exchange.host = fields.host.empty() ? authority_of(fields.url) : fields.host;
    fill_target(call, exchange);
    if (exchange.method.empty())
        exchange.method = exchange.operation.method;
    read_span_details(span, exchange, fault);
    if (fault)
        return errc::malformed_wire;
    if (exchange.message.empty())
        exchange.message = fields.status_message;
    return exchange;
}

}  // namespace

result<model::exchange> parse_exchange(
    model::source source, std::string_view raw_record, std::string_view service
)
{
    return source == model::source::rrpair ? parse_log_record(raw_record, service) : parse_span(raw_record, service);
}

}  // namespace reprise::telemetry
