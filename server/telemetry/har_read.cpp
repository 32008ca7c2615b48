#include "reprise/telemetry/har.hpp"

#include "call.hpp"
#include "har_names.hpp"
#include "json_cursor.hpp"
#include "json_value.hpp"
#include "rrpair_object.hpp"
#include "text_class.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

std::string_view text_at(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

const json::object& object_at(const json::object& object, std::string_view key)
{
    static const json::object none;
    const auto* value = object.if_contains(key);
    const auto* inner = value == nullptr ? nullptr : value->if_object();
    return inner == nullptr ? none : *inner;
}

// -1 for what is missing, negative or no number: HAR's own "does not apply".
double number_at(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_number())
        return -1;
    boost::system::error_code bad;
    const double number = value->to_number<double>(bad);
    return std::isfinite(number) && number >= 0 ? number : -1;
}

// "time", or the sum of the phases; ssl is a part of connect.
double duration_ms(const json::object& entry)
{
    const double time = number_at(entry, "time");
    if (time >= 0)
        return time;
    double sum = 0;
    for (const std::string_view phase : {"blocked", "dns", "connect", "send", "wait", "receive"})
        sum += std::max(number_at(object_at(entry, "timings"), phase), 0.0);
    return sum;
}

// [{"name": ..., "value": ...}]; without the pseudo headers of HTTP/2.
model::header_list headers_of(const json::object& message)
{
    model::header_list headers;
    const auto* value = message.if_contains("headers");
    const auto* list = value == nullptr ? nullptr : value->if_array();
    if (list == nullptr)
        return headers;
    for (const json::value& item : *list) {
        const auto* header = item.if_object();
        const std::string_view name = header == nullptr ? std::string_view() : text_at(*header, "name");
        if (!name.empty() && !name.starts_with(':'))
            headers.emplace_back(std::string(name), std::string(text_at(*header, "value")));
    }
    return headers;
}

void set_body(json::object& message, std::string_view text, std::string_view encoding)
{
    if (!text.empty())
        message[is_same_text(encoding, "base64") ? "bodyBase64" : "body"] = text;
}

std::string form_text(std::string_view text)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~')
            out += c;
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

// Some exporters give a form's fields alone.
std::string form_of(const json::object& post)
{
    std::string form;
    const auto* value = post.if_contains("params");
    const auto* list = value == nullptr ? nullptr : value->if_array();
    if (list == nullptr || text_at(post, "mimeType").starts_with("multipart/"))
        return form;
    for (const json::value& item : *list) {
        if (const auto* field = item.if_object())
            form.append(form.empty() ? "" : "&").append(form_text(text_at(*field, "name"))).append("=").append(
                form_text(text_at(*field, "value"))
            );
    }
    return form;
}

json::object request_of(const json::object& request, std::string_view url)
{
    json::object out{{"method", text_at(request, "method")}, {"url", url}};
    out["headers"] = header_object(headers_of(request));
    const json::object& post = object_at(request, "postData");
    const std::string_view text = text_at(post, "text");
    const std::string_view encoding = text_at(post, post.contains("_encoding") ? "_encoding" : "encoding");
    set_body(out, text.empty() ? form_of(post) : text, encoding);
    return out;
}

json::object response_of(const json::object& response)
{
    json::object out{{"statusCode", number_at(response, "status")}};
    out["headers"] = header_object(headers_of(response));
    const json::object& content = object_at(response, "content");
    set_body(out, text_at(content, "text"), text_at(content, "encoding"));
    return out;
}

// Chrome has it on the response, others on the entry.
std::string_view error_of(const json::object& entry)
{
    const std::string_view error = text_at(object_at(entry, "response"), "_error");
    return error.empty() ? text_at(entry, "_error") : error;
}

// Why the entry is no traffic; empty when it is.
std::string_view skip_reason(const json::object& entry, std::string_view url)
{
    if (url.find(':') != std::string_view::npos && url.find("://") == std::string_view::npos)
        return "URLs that are not HTTP";
    const std::string_view scheme = url.substr(0, url.find("://"));
    const bool has_scheme = scheme.size() < url.size();
    constexpr std::array<std::string_view, 4> taken = {"http", "https", "ws", "wss"};
    if (has_scheme && std::none_of(taken.begin(), taken.end(), [&](auto one) { return is_same_text(one, scheme); }))
        return "URLs that are not HTTP";
    if (!text_at(entry, "_fromCache").empty())
        return "answers from the browser's cache";
    const std::string_view error = error_of(entry);
    if (error.starts_with("net::ERR_ABORTED") || error.starts_with("net::ERR_BLOCKED"))
        return "requests the browser cancelled or blocked";
    return {};
}

// "http://unknown.invalid/a" is "/a".
std::string_view known_part(std::string_view url)
{
    return is_same_text(authority_of(url), har_no_host) ? path_and_query(url) : url;
}

std::string_view service_of(const json::object& entry, std::string_view service, std::string_view url)
{
    if (const std::string_view said = text_at(entry, "_service"); !said.empty())
        return said;
    if (!service.empty())
        return service;
    const std::string_view host = authority_of(url);
    const auto port = host.rfind(':');
    return port == std::string_view::npos || host.ends_with(']') ? host : host.substr(0, port);
}

json::object pair_of(const json::object& entry, std::string_view url, std::string_view service)
{
    const json::object& response = object_at(entry, "response");
    json::object pair{{"msgType", "rrpair"}, {"l7protocol", "http"}};
    pair["ts"] = text_at(entry, "startedDateTime");
    pair["duration"] = duration_ms(entry);
    pair["direction"] = is_same_text(text_at(entry, "_direction"), "out") ? "OUT" : "IN";
    pair["service"] = service;
    for (const auto& [from, to] : {std::pair{"_traceId", "traceId"}, std::pair{"_spanId", "spanId"},
                                   std::pair{"_parentSpanId", "parentSpanId"}}) {
        if (const std::string_view id = text_at(entry, from); !id.empty())
            pair[to] = id;
    }
    const double status = number_at(response, "status");
    const std::string_view error = error_of(entry);
    if (!error.empty())
        pair["status"] = error;
    else if (status >= 1)
        pair["status"] = std::to_string(static_cast<int>(std::min(status, 999.0)));
    pair["http"] = {{"request", request_of(object_at(entry, "request"), url)}, {"response", response_of(response)}};
    return pair;
}

// What is missing where HAR demands it.
std::string_view find_fault(const json::object& entry)
{
    if (text_at(entry, "startedDateTime").empty())
        return "startedDateTime is missing";
    const json::object& request = object_at(entry, "request");
    if (text_at(request, "method").empty())
        return "request.method is missing";
    if (text_at(request, "url").empty())
        return "request.url is missing";
    if (object_at(entry, "response").empty())
        return "response is missing";
    return {};
}

void read_entry(std::string_view text, std::size_t number, std::string_view service, const har_visitor& visitor)
{
    if (text.size() > har_entry_bytes_max)
        return visitor.complain(number, "the entry is longer than 64 MiB");
    const auto value = parse_json(text);
    const auto* entry = value ? value->if_object() : nullptr;
    if (entry == nullptr)
        return visitor.complain(number, value ? "not an object" : "not JSON: " + value.error().message());
    if (const std::string_view fault = find_fault(*entry); !fault.empty())
        return visitor.complain(number, std::string(fault));
    const std::string_view url = text_at(object_at(*entry, "request"), "url");
    if (const std::string_view reason = skip_reason(*entry, url); !reason.empty())
        return visitor.skip(reason);
    const std::string_view known_url = known_part(url);
    auto exchange = parse_rrpair_object(pair_of(*entry, known_url, service_of(*entry, service, known_url)), {});
    if (exchange)
        visitor.take(std::move(*exchange));
    else
        visitor.complain(number, exchange.error().message());
}

}  // namespace

std::optional<decode_error> read_har(std::string_view text, std::string_view service, const har_visitor& visitor)
{
    json_cursor cursor(text);
    std::size_t number = 0;
    bool has_entries = false;
    const auto read_log_member = [&](std::string_view key) {
        if (key != "entries") {
            cursor.take_value();
            return;
        }
        has_entries = true;
        cursor.for_each_item([&] {
            if (const auto entry = cursor.take_value())
                read_entry(*entry, ++number, service, visitor);
        });
    };
    cursor.for_each_member([&](std::string_view key) {
        if (key == "log")
            cursor.for_each_member(read_log_member);
        else
            cursor.take_value();
    });
    if (!cursor.failed() && !cursor.at_end())
        cursor.fail("something follows the end of the object");
    if (cursor.failed())
        return cursor.error();
    if (!has_entries)
        return decode_error{0, "log.entries is missing"};
    return std::nullopt;
}

}  // namespace reprise::telemetry
