#include "reprise/telemetry/rrpair.hpp"

#include "json_value.hpp"
#include "number_text.hpp"
#include "rrpair_object.hpp"
#include "rrpair_sections.hpp"
#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <boost/json/stream_parser.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view json_mark = "json:";

json::object& object_at(json::object& parent, std::string_view key)
{
    json::value& value = parent[key];
    if (!value.is_object())
        value = json::object();
    return value.get_object();
}

// Recorders call it "req" and "request".
json::object& message_at(json::object& pair, std::string_view short_name, std::string_view long_name)
{
    json::object& http = object_at(pair, "http");
    return object_at(http, http.contains(short_name) ? short_name : long_name);
}

// The fence shows a body for people: JSON laid out, or nothing for bytes that are no text. What the pair
// has as base64 is exact, unless somebody edited the fence.
void merge_body(std::string_view shown, json::object& into)
{
    const json::value* encoded = into.if_contains("bodyBase64");
    if (encoded != nullptr && encoded->is_string()) {
        const std::string exact = from_base64(encoded->get_string());
        if (shown.empty() || !is_utf8(exact) || compact_json(exact) == compact_json(shown))
            return;
        into.erase("bodyBase64");
    }
    if (!shown.empty())
        into["body"] = compact_json(shown);
}

// `has_internal`: the file has a section for the JSON. Such files mark commas inside header values, and
// no other fence of theirs holds the JSON.
void merge_message(const markdown_section& section, std::string_view head, bool has_internal, json::object& into)
{
    const raw_message message = split_message(head, has_internal);
    if (!message.headers.empty())
        into["headers"] = header_object(message.headers);
    const bool has_second = section.fences.size() > 1;
    const bool has_body = has_second && (has_internal || !section.fences[1].starts_with(json_mark));
    if (message.body)
        into["body"] = *message.body;  // One fence for all of it: as it is.
    else
        merge_body(has_body ? section.fences[1] : std::string_view(), into);
}

bool is_method(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "POST http://host/path HTTP/1.1"; false when the fence holds something else (SQL).
bool merge_request(const markdown_section& section, bool has_internal, json::object& pair)
{
    std::string_view rest = section.fences.front();
    const std::string_view line = take_line(rest);
    const auto method_end = line.find(' ');
    const auto url_end = line.rfind(" HTTP/");
    if (method_end == std::string_view::npos || url_end == std::string_view::npos || url_end <= method_end)
        return false;
    const std::string_view method = line.substr(0, method_end);
    if (!is_method(method))
        return false;
    json::object& request = message_at(pair, "req", "request");
    request["method"] = method;
    request["url"] = line.substr(method_end + 1, url_end - method_end - 1);
    request.erase("uri");  // The line names all of it.
    merge_message(section, rest, has_internal, request);
    return true;
}

// "HTTP/1.1 200 OK".
void merge_response(const markdown_section& section, bool has_internal, json::object& pair)
{
    std::string_view rest = section.fences.front();
    const std::string_view line = take_line(rest);
    const auto space = line.find(' ');
    if (!line.starts_with("HTTP/") || space == std::string_view::npos)
        return;
    json::object& response = message_at(pair, "res", "response");
    const std::string_view code = line.substr(space + 1);
    if (const auto status = find_number<int>(code.substr(0, code.find(' '))))
        response["statusCode"] = *status;
    merge_message(section, rest, has_internal, response);
}

// Whole milliseconds do not win over what is the same but for rounding.
void merge_duration(std::string_view text, json::object& pair)
{
    const auto shown_ms = find_duration_ms(text);
    if (!shown_ms)
        return;
    const json::value* exact = pair.if_contains("duration");
    boost::system::error_code bad;
    const double exact_ms = exact != nullptr && exact->is_number() ? exact->to_number<double>(bad) : -1;
    if (!(std::abs(exact_ms - *shown_ms) < 1))
        pair["duration"] = *shown_ms;
}

// "direction: IN", "ts: 2024-01-15T14:30:22.489942Z", "duration: 155ms".
void merge_metadata(std::string_view fence, json::object& pair)
{
    while (!fence.empty()) {
        const std::string_view line = take_line(fence);
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos)
            continue;
        const std::string_view key = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        if (key == "direction" || key == "ts" || key == "service")
            pair[key] = value;
        else if (key == "duration")
            merge_duration(value, pair);
    }
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
    keep_body_text(text, value.get_object());
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

// nullopt when it is not JSON. The last marked fence: a body before it may begin the same way.
std::optional<json::object> read_pair(std::string_view text, const std::vector<markdown_section>& sections)
{
    for (auto section = sections.rbegin(); section != sections.rend(); ++section) {
        const auto& fences = section->fences;
        const auto marked = std::find_if(fences.rbegin(), fences.rend(), [](std::string_view fence) {
            return fence.starts_with(json_mark);
        });
        if (marked == fences.rend())
            continue;
        std::string_view inside = marked->substr(json_mark.size());
        inside.remove_prefix(std::min(inside.find('{'), inside.size()));
        return parse_object_prefix(inside);
    }
    if (auto pair = find_pair_object(text))
        return pair;
    return json::object{{"l7protocol", "http"}, {"direction", "IN"}};
}

}  // namespace

result<model::exchange> parse_rrpair_markdown(std::string_view text, std::string_view service)
{
    if (!is_utf8(text))
        return errc::malformed_markdown;
    const auto sections = split_sections(text);
    const markdown_section* request = find_section(sections, "REQUEST");
    if (request == nullptr)
        return errc::malformed_markdown;
    auto pair = read_pair(text, sections);
    if (!pair)
        return errc::malformed_json;
    const bool has_internal = find_section(sections, "INTERNAL") != nullptr;
    const bool is_http = merge_request(*request, has_internal, *pair);
    if (!is_http && !pair->contains("msgType"))
        return errc::malformed_markdown;
    const markdown_section* response = find_section(sections, "RESPONSE");
    if (response != nullptr && is_http)
        merge_response(*response, has_internal, *pair);
    if (const markdown_section* metadata = find_section(sections, "METADATA"))
        merge_metadata(metadata->fences.front(), *pair);
    return parse_rrpair_object(*pair, service);
}

}  // namespace reprise::telemetry
