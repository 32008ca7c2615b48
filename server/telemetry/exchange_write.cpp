#include "rrpair_object.hpp"

#include "json_value.hpp"
#include "rrpair_protocol.hpp"
#include "utf8.hpp"
#include "wire_write.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/telemetry/exchange_parse.hpp"
#include "reprise/telemetry/rrpair.hpp"

#include <boost/json/array.hpp>

#include <map>
#include <string>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view signature_key = "postgres:query";

json::string text_of(std::string_view text)
{
    return json::string(is_utf8(text) ? std::string(text) : repair_utf8(text));
}

void set_if(json::object& object, std::string_view key, std::string_view text)
{
    if (!text.empty())
        object[key] = text_of(text);
}

// May stand in a URL without ending or beginning another part of it.
bool is_authority(std::string_view host)
{
    return !host.empty() && host.find_first_of("/?#@\\ ") == std::string_view::npos;
}

json::object message_object(const model::header_list& headers, std::string_view body)
{
    json::object message;
    message["headers"] = header_object(headers);
    if (is_utf8(body))
        set_if(message, "body", body);
    else
        message["bodyBase64"] = to_base64(body);
    return message;
}

// gRPC goes over HTTP: it has headers and bodies, too.
bool holds_messages(const model::exchange& exchange)
{
    return !exchange.request_headers.empty() || !exchange.response_headers.empty() || !exchange.request_body.empty() ||
           !exchange.response_body.empty();
}

json::object http_object(const model::exchange& exchange)
{
    json::object request;
    request["method"] = text_of(exchange.method);
    request["url"] = text_of(request_url(exchange));
    if (!is_authority(exchange.host))
        set_if(request, "host", exchange.host);
    for (const auto& [key, value] : message_object(exchange.request_headers, exchange.request_body))
        request[key] = value;
    json::object response;
    response["statusCode"] = exchange.status;
    for (const auto& [key, value] : message_object(exchange.response_headers, exchange.response_body))
        response[key] = value;
    return {{"request", std::move(request)}, {"response", std::move(response)}};
}

}  // namespace

std::string exact_time_text(std::int64_t time_ns)
{
    std::string text = format_rfc3339(time_ns);
    std::int64_t below_ms = time_ns % ns_per_ms;
    if (below_ms < 0)
        below_ms += ns_per_ms;
    const std::string digits = std::to_string(below_ms);
    text.pop_back();
    return text.append(6 - digits.size(), '0') + digits + "Z";
}

json::object header_object(const model::header_list& headers)
{
    json::object object;
    for (const auto& [name, value] : headers) {
        const auto [entry, is_new] = object.emplace(text_of(name), text_of(value));
        if (is_new)
            continue;
        if (!entry->value().is_array())
            entry->value() = json::array{entry->value()};
        entry->value().get_array().push_back(text_of(value));
    }
    return object;
}

std::string request_url(const model::exchange& exchange)
{
    return is_authority(exchange.host) ? "http://" + exchange.host + exchange.path : exchange.path;
}

std::string rrpair_status(const model::exchange& exchange)
{
    // A code that nobody knows has no number: its text or ERROR stands for it.
    if (exchange.operation.protocol == "grpc" && (exchange.status != 0 || exchange.outcome == model::outcome::ok))
        return std::to_string(exchange.status);
    if (exchange.outcome == model::outcome::ok)
        return "OK";
    return says_nothing(exchange.message) ? "ERROR" : exchange.message;
}

json::object rrpair_object(const model::exchange& exchange)
{
    const model::operation_key& operation = exchange.operation;
    json::object pair;
    pair["msgType"] = "rrpair";
    pair["ts"] = exact_time_text(exchange.start_ns);
    pair["duration"] = static_cast<double>(exchange.duration_ns) / static_cast<double>(ns_per_ms);
    pair["direction"] = exchange.direction == model::direction::in ? "IN" : "OUT";
    set_if(pair, "l7protocol", operation.protocol);
    set_if(pair, "service", operation.service);
    set_if(pair, "command", exchange.method);
    set_if(pair, "traceId", model::to_hex(exchange.trace));
    set_if(pair, "spanId", model::span_to_hex(exchange.span));
    set_if(pair, "parentSpanId", model::span_to_hex(exchange.parent_span));
    pair["status"] = text_of(rrpair_status(exchange));
    if (operation.protocol == "http") {
        set_if(pair, "location", exchange.path);
        pair["http"] = http_object(exchange);
        return pair;
    }
    set_if(pair, "network_address", exchange.host);
    if (holds_messages(exchange)) {
        pair["http"] = {{"request", message_object(exchange.request_headers, exchange.request_body)},
                        {"response", message_object(exchange.response_headers, exchange.response_body)}};
    }
    if (!exchange.statement.empty()) {
        set_if(pair, "location", exchange.statement);
        if (operation.protocol == "sql" && !operation.route.empty())
            pair["mutableSignature"] = {{signature_key, operation.route}};
    } else {
        const bool says_none = operation.protocol == "sql" && exchange.path.empty();
        set_if(pair, "location", says_none ? std::string_view("N/A") : exchange.path);
    }
    return pair;
}

result<model::exchange> parse_rrpair_object(const json::object& pair, std::string_view service)
{
    std::string record;
    append_bytes_field(record, 5, encode_any_value(pair));
    return parse_exchange(model::source::rrpair, record, service);
}

std::string encode_rrpair_record(const model::exchange& exchange)
{
    std::string record;
    append_fixed_field(record, 1, static_cast<std::uint64_t>(exchange.start_ns));
    append_bytes_field(record, 5, encode_any_value(rrpair_object(exchange)));
    if (exchange.trace) {
        append_bytes_field(record, 9, from_hex(model::to_hex(exchange.trace)));
        if (exchange.span != 0)
            append_bytes_field(record, 10, from_hex(model::span_to_hex(exchange.span)));
    }
    return record;
}

std::string encode_logs_request(std::span<const model::exchange> exchanges)
{
    std::map<std::string_view, std::string> scopes;  // By service; in the order of the input within one.
    for (const model::exchange& exchange : exchanges)
        append_bytes_field(scopes[exchange.operation.service], 2, encode_rrpair_record(exchange));

    std::string request;
    for (const auto& [service, scope] : scopes) {
        std::string resource;
        append_bytes_field(resource, 1, key_value_message("service.name", text_value(service)));
        std::string entry;
        append_bytes_field(entry, 1, resource);
        append_bytes_field(entry, 2, scope);
        append_bytes_field(request, 1, entry);
    }
    return request;
}

}  // namespace reprise::telemetry
