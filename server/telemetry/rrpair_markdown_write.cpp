#include "reprise/telemetry/rrpair.hpp"

#include "rrpair_object.hpp"
#include "rrpair_sections.hpp"
#include "text_class.hpp"
#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

// Longer than any run of ticks inside.
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

std::string one_line(std::string_view text)
{
    std::string line(text);
    std::replace_if(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    return repair_utf8(line);
}

// All values of a name stand where its first one is.
std::string head_text(std::string first_line, const model::header_list& headers)
{
    std::unordered_map<std::string_view, std::size_t> line_of;
    std::vector<std::string> lines;
    for (const auto& [name, value] : headers) {
        const std::string text = escape_value(one_line(value));
        const auto [known, is_new] = line_of.emplace(name, lines.size());
        if (is_new)
            lines.push_back(one_line(name) + ": " + text);
        else
            lines[known->second] += ", " + text;
    }
    for (const std::string& line : lines)
        first_line += "\n" + line;
    return first_line;
}

bool can_be_shown(std::string_view body)
{
    return is_utf8(body) && body.find("```") == std::string_view::npos;
}

// A body that a reader gets back as it is; others are in the JSON, too, and win there.
bool is_plain(std::string_view body)
{
    return can_be_shown(body) && compact_json(body) == body;
}

json::object request_object(const model::exchange& exchange)
{
    json::object request;
    request["method"] = exchange.method;
    request["url"] = exchange.path.substr(0, exchange.path.find('?'));
    request["uri"] = exchange.path;
    request["version"] = "1.1";
    if (!exchange.host.empty())
        request["host"] = repair_utf8(exchange.host);
    if (!is_plain(exchange.request_body))
        request["bodyBase64"] = to_base64(exchange.request_body);
    return request;
}

json::object response_object(const model::exchange& exchange)
{
    json::object response;
    response["statusCode"] = exchange.status;
    if (!is_plain(exchange.response_body))
        response["bodyBase64"] = to_base64(exchange.response_body);
    return response;
}

// Nothing that stands in one of the lines may break it.
bool fits_request_line(const model::exchange& exchange)
{
    const std::string_view method = exchange.method;
    const bool is_word = !method.empty() && std::all_of(method.begin(), method.end(), is_upper);
    const auto fits = [](std::string_view text) {
        return std::none_of(text.begin(), text.end(), is_space) && is_utf8(text) && text.find('`') == text.npos;
    };
    return is_word && fits(exchange.path) && fits(exchange.host);
}

std::string message_text(std::string head, const model::header_list& headers, std::string_view body)
{
    return fenced(head_text(std::move(head), headers)) + "\n" +
           fenced(can_be_shown(body) ? body : std::string_view());
}

std::string metadata_text(const json::object& pair)
{
    const auto text = [&pair](std::string_view key) { return std::string(pair.at(key).as_string()); };
    return "direction: " + text("direction") + "\nts: " + text("ts") +
           "\nduration: " + std::to_string(pair.at("duration").as_double()) + "ms";
}

}  // namespace

std::string write_rrpair_markdown(const model::exchange& exchange)
{
    json::object pair = rrpair_object(exchange);
    std::string out = "### REQUEST ###\n";
    if (exchange.operation.protocol == "http" && fits_request_line(exchange)) {
        out += message_text(
            exchange.method + " " + request_url(exchange) + " HTTP/1.1", exchange.request_headers,
            exchange.request_body
        );
        out += "\n### RESPONSE ###\n";
        out += message_text(
            "HTTP/1.1 " + std::to_string(exchange.status), exchange.response_headers, exchange.response_body
        );
        pair["http"] = json::object{{"req", request_object(exchange)}, {"res", response_object(exchange)}};
    } else {
        out += fenced(repair_utf8(exchange.statement.empty() ? exchange.path : exchange.statement));
    }
    out += "\n### METADATA ###\n" + fenced(metadata_text(pair));
    return out + "\n### INTERNAL - DO NOT MODIFY ###\n" + fenced("json: " + json::serialize(pair));
}

}  // namespace reprise::telemetry
