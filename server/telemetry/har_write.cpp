#include "reprise/telemetry/har.hpp"

#include "call.hpp"
#include "har_names.hpp"
#include "rrpair_object.hpp"
#include "utf8.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

json::string text_of(std::string_view text)
{
    return json::string(is_utf8(text) ? std::string(text) : repair_utf8(text));
}

json::object pair_of(std::string_view name, std::string_view value)
{
    return {{"name", text_of(name)}, {"value", text_of(value)}};
}

json::array headers_of(const model::header_list& headers)
{
    json::array list;
    for (const auto& [name, value] : headers)
        list.push_back(pair_of(name, value));
    return list;
}

// As it stands in the URL, nothing undone.
json::array query_of(std::string_view path)
{
    json::array list;
    const auto mark = path.find('?');
    std::string_view query = mark == std::string_view::npos ? std::string_view() : path.substr(mark + 1);
    while (!query.empty()) {
        const std::string_view field = query.substr(0, query.find('&'));
        const auto sign = field.find('=');
        const bool has_value = sign != std::string_view::npos;
        list.push_back(pair_of(field.substr(0, sign), has_value ? field.substr(sign + 1) : std::string_view()));
        query.remove_prefix(std::min(field.size() + 1, query.size()));
    }
    return list;
}

json::object request_of(const model::exchange& exchange)
{
    const std::string url = request_url(exchange);  // A mere path where the host is unknown or cannot stand in a URL.
    const bool has_host = !authority_of(url).empty();
    json::object request{{"method", text_of(exchange.method)}};
    request["url"] = text_of(has_host ? url : "http://" + std::string(har_no_host) + url);
    request["httpVersion"] = "HTTP/1.1";
    request["cookies"] = json::array();
    request["headers"] = headers_of(exchange.request_headers);
    request["queryString"] = query_of(exchange.path);
    const std::string_view body = exchange.request_body;
    if (!body.empty()) {
        json::object post{{"mimeType", text_of(model::find_header(exchange.request_headers, "content-type"))}};
        post["text"] = is_utf8(body) ? std::string(body) : to_base64(body);
        if (!is_utf8(body))
            post["_encoding"] = "base64";  // HAR 1.2 has no way to say it.
        request["postData"] = std::move(post);
    }
    request["headersSize"] = -1;
    request["bodySize"] = body.size();
    return request;
}

json::object content_of(const model::exchange& exchange)
{
    const std::string_view body = exchange.response_body;
    const std::string_view type = model::find_header(exchange.response_headers, "content-type");
    json::object content{{"size", body.size()}, {"mimeType", text_of(type.empty() ? "x-unknown" : type)}};
    if (body.empty())
        return content;
    content["text"] = is_utf8(body) ? std::string(body) : to_base64(body);
    if (!is_utf8(body))
        content["encoding"] = "base64";
    return content;
}

json::object response_of(const model::exchange& exchange)
{
    json::object response{{"status", exchange.status}, {"statusText", ""}, {"httpVersion", "HTTP/1.1"}};
    response["cookies"] = json::array();
    response["headers"] = headers_of(exchange.response_headers);
    response["content"] = content_of(exchange);
    response["redirectURL"] = text_of(model::find_header(exchange.response_headers, "location"));
    response["headersSize"] = -1;
    response["bodySize"] = exchange.response_body.size();
    return response;
}

void set_if(json::object& object, std::string_view key, std::string_view text)
{
    if (!text.empty())
        object[key] = text_of(text);
}

}  // namespace

std::string write_har_head(std::string_view creator_version)
{
    const json::object creator{{"name", "reprise"}, {"version", creator_version}};
    return R"({"log":{"version":"1.2","creator":)" + json::serialize(creator) + R"(,"pages":[],"entries":[)";
}

std::string write_har_entry(const model::exchange& exchange)
{
    if (exchange.operation.protocol != "http")
        return {};
    const double time_ms = static_cast<double>(exchange.duration_ns) / static_cast<double>(ns_per_ms);
    json::object entry{{"startedDateTime", exact_time_text(exchange.start_ns)}, {"time", time_ms}};
    entry["request"] = request_of(exchange);
    entry["response"] = response_of(exchange);
    entry["cache"] = json::object();
    // Only the whole is known. "time" is the sum of the phases that apply.
    entry["timings"] = {{"blocked", -1}, {"dns", -1}, {"connect", -1}, {"ssl", -1},
                        {"send", 0},     {"wait", time_ms}, {"receive", 0}};
    set_if(entry, "_service", exchange.operation.service);
    entry["_direction"] = exchange.direction == model::direction::in ? "IN" : "OUT";
    set_if(entry, "_traceId", model::to_hex(exchange.trace));
    set_if(entry, "_spanId", model::span_to_hex(exchange.span));
    set_if(entry, "_parentSpanId", model::span_to_hex(exchange.parent_span));
    if (exchange.outcome != model::outcome::ok)
        set_if(entry, "_error", exchange.message);
    return json::serialize(entry);
}

std::string write_har_tail()
{
    return "]}}\n";
}

}  // namespace reprise::telemetry
