#include "reprise/telemetry/rrpair.hpp"

#include "call.hpp"
#include "json_value.hpp"
#include "number_text.hpp"
#include "rrpair_object.hpp"
#include "text_class.hpp"
#include "utf8.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view request_heading = "### REQUEST ###";
constexpr std::string_view response_heading = "### RESPONSE ###";
constexpr std::string_view json_mark = "json:";
constexpr std::array<std::string_view, 7> request_methods = {"GET",   "POST", "PUT",    "DELETE",
                                                             "PATCH", "HEAD", "OPTIONS"};

// Takes the first line off `text`, without its line end.
std::string_view take_line(std::string_view& text)
{
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

std::size_t fence_ticks(std::string_view line)
{
    const auto ticks = std::min(line.find_first_not_of('`'), line.size());
    return ticks >= 3 ? ticks : 0;
}

// The content of the next fence and what follows it.
std::optional<std::string_view> take_fence(std::string_view& text)
{
    std::size_t ticks = 0;
    while (ticks == 0 && !text.empty())
        ticks = fence_ticks(take_line(text));
    const char* const begin = text.data();
    while (ticks > 0 && !text.empty()) {
        const char* const line_begin = text.data();
        const std::string_view line = take_line(text);
        if (line.size() == ticks && fence_ticks(line) == ticks) {
            const auto size = static_cast<std::size_t>(line_begin - begin);
            return std::string_view(begin, size > 0 ? size - 1 : 0);  // Without the last line end.
        }
    }
    return std::nullopt;
}

// Moves `text` behind the fence: what a body says about headings is none.
std::optional<std::string_view> take_fence_below(std::string_view& text, std::string_view heading)
{
    const auto at = text.find(heading);
    if (at == std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(at);
    take_line(text);
    return take_fence(text);
}

// A raw HTTP message without its first line.
struct raw_message {
    model::header_list headers;
    std::string_view body;
};

raw_message split_message(std::string_view text)
{
    raw_message message;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty())
            break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        message.headers.emplace_back(std::string(line.substr(0, colon)), std::string(value));
    }
    message.body = text;
    return message;
}

json::object& object_at(json::object& parent, std::string_view key)
{
    json::value& value = parent[key];
    if (!value.is_object())
        value = json::object();
    return value.get_object();
}

void merge_message(std::string_view text, json::object& into)
{
    const raw_message message = split_message(text);
    into["headers"] = header_object(message.headers);
    if (!message.body.empty() && !into.contains("bodyBase64"))
        into["body"] = message.body;
}

// "POST http://host/path HTTP/1.1"; false when the fence holds something else (SQL).
bool merge_request(std::string_view fence, json::object& pair)
{
    std::string_view rest = fence;
    const std::string_view line = take_line(rest);
    const auto method_end = line.find(' ');
    const auto url_end = line.rfind(" HTTP/");
    if (method_end == std::string_view::npos || url_end == std::string_view::npos || url_end <= method_end)
        return false;
    const std::string_view method = line.substr(0, method_end);
    if (std::find(request_methods.begin(), request_methods.end(), method) == request_methods.end())
        return false;
    json::object& request = object_at(object_at(pair, "http"), "request");
    request["method"] = method;
    request["url"] = line.substr(method_end + 1, url_end - method_end - 1);
    merge_message(rest, request);
    return true;
}

// "HTTP/1.1 200 OK".
void merge_response(std::string_view fence, json::object& pair)
{
    std::string_view rest = fence;
    const std::string_view line = take_line(rest);
    const auto space = line.find(' ');
    if (!line.starts_with("HTTP/") || space == std::string_view::npos)
        return;
    json::object& response = object_at(object_at(pair, "http"), "response");
    if (const auto status = find_number<int>(line.substr(space + 1, 3)))
        response["statusCode"] = *status;
    merge_message(rest, response);
}

std::optional<json::object> parse_object_prefix(std::string_view text)
{
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::stream_parser parser({}, options);
    boost::system::error_code bad;
    parser.write_some(text.data(), text.size(), bad);
    if (bad || !parser.done())
        return std::nullopt;
    json::value value = parser.release();
    if (!value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

// The object around "msgType", when no fence is marked.
std::optional<json::object> find_pair_object(std::string_view text)
{
    auto at = text.find("\"msgType\"");
    if (at == std::string_view::npos)
        return std::nullopt;
    int closed = 0;
    while (at-- > 0) {
        if (text[at] == '}')
            ++closed;
        else if (text[at] == '{' && closed-- == 0)
            return parse_object_prefix(text.substr(at));
    }
    return std::nullopt;
}

// Empty when there is none, nullopt when it is not JSON.
std::optional<json::object> read_pair(std::string_view text)
{
    std::string_view rest = text;
    for (auto fence = take_fence(rest); fence; fence = take_fence(rest)) {
        if (!fence->starts_with(json_mark))
            continue;
        std::string_view inside = fence->substr(json_mark.size());
        inside.remove_prefix(std::min(inside.find('{'), inside.size()));
        return parse_object_prefix(inside);
    }
    if (auto pair = find_pair_object(text))
        return pair;
    return json::object{{"l7protocol", "http"}, {"direction", "IN"}};
}

std::string fenced(std::string_view content)
{
    std::size_t longest = 2;
    for (std::size_t at = content.find('`'); at != std::string_view::npos; at = content.find('`', at)) {
        const std::size_t end = std::min(content.find_first_not_of('`', at), content.size());
        longest = std::max(longest, end - at);
        at = end;
    }
    const std::string ticks(longest + 1, '`');
    return ticks + "\n" + std::string(content) + "\n" + ticks + "\n";
}

void append_headers(std::string& out, const model::header_list& headers)
{
    for (const auto& [name, value] : headers) {
        std::string line = name + ": " + value;
        std::replace_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
        out.append(repair_utf8(line)).append("\n");
    }
}

std::string raw_text(std::string first_line, const model::header_list& headers, std::string_view body)
{
    first_line += '\n';
    append_headers(first_line, headers);
    first_line += '\n';
    if (is_utf8(body))
        first_line += body;
    return first_line;
}

// What the raw messages say already is not said again.
void drop_said(json::object& pair, std::string_view part)
{
    json::object& message = object_at(object_at(pair, "http"), part);
    for (const std::string_view key : {"method", "url", "statusCode", "headers", "body"})
        message.erase(key);
}

bool fits_request_line(const model::exchange& exchange)
{
    const bool known = std::find(request_methods.begin(), request_methods.end(), exchange.method) !=
                       request_methods.end();
    return known && std::none_of(exchange.path.begin(), exchange.path.end(), is_space) && is_utf8(exchange.path);
}

}  // namespace

result<model::exchange> parse_rrpair_markdown(std::string_view text, std::string_view service)
{
    if (!is_utf8(text))
        return errc::malformed_markdown;
    std::string_view rest = text;
    const auto request = take_fence_below(rest, request_heading);
    if (!request)
        return errc::malformed_markdown;
    auto pair = read_pair(text);
    if (!pair)
        return errc::malformed_json;
    const bool is_http = merge_request(*request, *pair);
    if (!is_http && !pair->contains("msgType"))
        return errc::malformed_markdown;
    if (const auto response = take_fence_below(rest, response_heading); response && is_http)
        merge_response(*response, *pair);
    return parse_rrpair_object(*pair, service);
}

std::string write_rrpair_markdown(const model::exchange& exchange)
{
    json::object pair = rrpair_object(exchange);
    std::string out(request_heading);
    out += "\n\n";
    if (exchange.operation.protocol == "http" && fits_request_line(exchange)) {
        const std::string first = exchange.method + " " + request_url(exchange) + " HTTP/1.1";
        out += fenced(raw_text(first, exchange.request_headers, exchange.request_body));
        out.append("\n").append(response_heading).append("\n\n");
        const std::string status = "HTTP/1.1 " + std::to_string(exchange.status);
        out += fenced(raw_text(status, exchange.response_headers, exchange.response_body));
        drop_said(pair, "request");
        drop_said(pair, "response");
    } else {
        out += fenced(repair_utf8(exchange.statement.empty() ? exchange.path : exchange.statement));
    }
    return out + "\n" + fenced("json: " + json::serialize(pair));
}

}  // namespace reprise::telemetry
