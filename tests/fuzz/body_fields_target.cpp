#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/telemetry/body_fields.hpp"
#include "reprise/telemetry/drift.hpp"
#include "reprise/telemetry/value_flow.hpp"

#include <boost/json/error.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>

// A field can be replaced wherever it was listed: it reads back, and nothing else moves. Values that flow do so
// without harm to the request.
namespace reprise::fuzz {
namespace {

using telemetry::body_form;

constexpr std::string_view content_types[] = {
    "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/html",
    "application/octet-stream"};

bool is_utf8_text(std::string_view text)
{
    return telemetry::shown_text(text, text.size() + 1) == text;
}

// Boost.JSON is the second opinion.
void check_json(std::string_view body, const telemetry::body_fields& fields)
{
    constexpr std::size_t depth_max = 30;  // Below, values are only matched by their brackets.
    boost::system::error_code bad;
    boost::json::parse_options options;
    options.max_depth = depth_max;
    boost::json::parse(body, bad, {}, options);
    if (bad == boost::json::error::exponent_overflow)
        return;  // Its range, not JSON's.
    const bool is_deep = std::count(body.begin(), body.end(), '[') + std::count(body.begin(), body.end(), '{') >
                         static_cast<std::ptrdiff_t>(depth_max);
    const bool lone_half = body.find("\\u") != std::string_view::npos;  // We take half a surrogate pair.
    if (!is_deep && !lone_half && is_utf8_text(body) && !body.starts_with("\xef\xbb\xbf"))
        require((fields.form == body_form::json) == !bad, "one of two parsers takes it for JSON: " + std::string(body));
}

void check_places(std::string_view body, const telemetry::body_fields& fields)
{
    std::size_t end = 0;
    for (const telemetry::body_field& field : fields.fields) {
        require(field.offset >= end && field.offset + field.bytes <= body.size(), "fields overlap: " + field.path);
        end = field.offset + field.bytes;
        telemetry::look_at_value(field.value, 1'700'000'000'000'000'000);
    }
}

void check_replacement(
    std::string_view body, std::string_view type, const telemetry::body_fields& fields, std::string_view value
)
{
    if (fields.fields.empty())
        return;
    const telemetry::body_field& chosen = fields.fields[value.size() % fields.fields.size()];
    const auto changed = telemetry::replace_field(body, type, chosen.path, value);
    const auto times = std::count_if(fields.fields.begin(), fields.fields.end(), [&chosen](const auto& field) {
        return field.path == chosen.path;
    });
    if (!changed || times > 1)
        return;  // It holds a boundary; or several places changed.
    require(changed->starts_with(body.substr(0, chosen.offset)), "bytes before a field changed: " + *changed);
    require(changed->ends_with(body.substr(chosen.offset + chosen.bytes)), "bytes behind a field changed: " + *changed);
    const telemetry::body_fields again = telemetry::flatten_body(*changed, type);
    if (again.form != fields.form || again.fields.size() != fields.fields.size())
        return;  // It may look like something else now.
    const telemetry::body_field* const read = telemetry::find_field(again, chosen.path);
    require(read != nullptr, "a replaced field is gone: " + chosen.path);
    const bool is_exact = fields.form == body_form::json || fields.form == body_form::form;
    if (is_exact && is_utf8_text(value) && !read->cut)
        require_same(read->value, value, "a replaced field reads back");
}

void check_flows(std::string_view body, std::string_view type, std::string_view value)
{
    model::exchange give;
    give.path = "/give";
    give.response_headers = {{"Content-Type", std::string(type)}, {"Set-Cookie", std::string(value)},
                             {"Location", std::string(value)}};
    give.response_body = body;
    model::exchange take;
    take.path = "/" + std::string(value) + "?" + std::string(value);
    take.request_headers = {{"Content-Type", std::string(type)}, {"Cookie", std::string(value)},
                            {"X-Value", std::string(value)}};
    take.request_body = body;
    const model::exchange captured[] = {give, take};
    const telemetry::value_flows flows = telemetry::find_value_flows(captured);
    telemetry::flow_values values(flows);
    values.learn(0, {200, give.response_headers, give.response_body});
    model::exchange same = take;
    const auto missing = values.rewrite(1, {same.path, same.request_headers, same.request_body});
    for (const telemetry::unlearned_value& one : missing)
        require(!one.reason.empty() && one.flow < flows.flows.size(), "no reason");
    values.learn(0, {200, {{"Set-Cookie", "x=a\r\nb"}}, value});
    values.rewrite(1, {take.path, take.request_headers, take.request_body});
    if (value.find_first_of("\r\n") != std::string_view::npos)
        return;  // It was broken as captured.
    for (const auto& [name, text] : take.request_headers)
        require(text.find_first_of("\r\n") == std::string::npos, "breaks a header: " + text);
}

}  // namespace

void body_fields(std::string_view input)
{
    if (input.empty())
        return;
    const std::string_view type = content_types[static_cast<unsigned char>(input[0]) % std::size(content_types)];
    const std::string_view value = input.substr(1, input.find('\0', 1) - 1);
    const std::string_view body = input.substr(std::min(value.size() + 2, input.size()));
    const telemetry::body_fields fields = telemetry::flatten_body(body, type);
    check_places(body, fields);
    if (type == "application/json")
        check_json(body, fields);
    check_replacement(body, type, fields, value);
    check_flows(body, type, value);
}

}  // namespace reprise::fuzz
