#include "reprise/telemetry/redact_rules.hpp"

#include "call.hpp"
#include "secret_names.hpp"
#include "text_class.hpp"

#include <algorithm>
#include <array>

namespace reprise::telemetry {
namespace {

constexpr std::string_view field_places[] = {
    "request.header.", "request.query.", "request.path", "request.body", "response.header.", "response.body",
    "message",         "statement",      "host"};

// The next word; `text` moves behind it.
std::string_view next_word(std::string_view& text)
{
    while (text.starts_with(' '))
        text.remove_prefix(1);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

bool is_printable(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
    });
}

decode_error refuse(std::string reason)
{
    return {0, std::move(reason)};
}

bool is_place(std::string_view field)
{
    return std::any_of(std::begin(field_places), std::end(field_places), [field](std::string_view place) {
        if (!field.starts_with(place))
            return false;
        const std::string_view rest = field.substr(place.size());
        return place.ends_with('.') ? !rest.empty() : rest.empty() || rest[0] == '.' || rest[0] == '[';
    });
}

// "request.header.Cookie" -> "Cookie".
std::string_view header_of(std::string_view field)
{
    constexpr std::string_view mark = ".header.";
    const auto at = field.find(mark);
    return at == std::string_view::npos ? std::string_view() : field.substr(at + mark.size());
}

}  // namespace

decode_result<route_pattern> parse_route_pattern(std::string_view text)
{
    if (text.size() > redaction_pattern_bytes_max || !is_printable(text))
        return refuse("must be printable and at most " + std::to_string(redaction_pattern_bytes_max) + " bytes");
    const std::string_view service = next_word(text);
    const std::string_view method = next_word(text);
    const std::string_view route = next_word(text);
    if (route.empty() || !next_word(text).empty())
        return refuse("must be SERVICE METHOD ROUTE, like 'shop POST /orders/{id}' or '* * /admin/*'");
    if (route.substr(0, route.size() - 1).find('*') != std::string_view::npos)
        return refuse("may hold '*' in the route only at its end, like '/admin/*'");
    return route_pattern{std::string(service), std::string(method), std::string(route)};
}

decode_result<field_pattern> parse_field_pattern(std::string_view text)
{
    const auto last = text.find_last_not_of(' ');
    text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
    const std::size_t blank = text.rfind(' ');
    if (blank == std::string_view::npos)
        return refuse("must be SERVICE METHOD ROUTE FIELD, like 'shop POST /orders request.body.note'");
    const std::string_view field = text.substr(blank + 1);
    auto where = parse_route_pattern(text.substr(0, blank));
    if (!where || !is_place(field))
        return refuse(
            "must be SERVICE METHOD ROUTE FIELD, like 'shop POST /orders request.body.note'; the field is one of "
            "request.header.NAME, request.query.NAME, request.path, request.body, response.header.NAME, response.body, "
            "message, statement, host, with the name of a member behind a body"
        );
    if (is_secret_header(header_of(field)))
        return refuse("names a header that is never kept");
    return field_pattern{std::move(*where), std::string(field)};
}

decode_result<std::string> parse_secret_name(std::string_view text)
{
    constexpr std::size_t name_bytes_min = 3;
    std::string name = squeezed_name(text);
    if (name.size() < name_bytes_min)
        return refuse("must hold three letters or digits at least, like 'tenantRef'");
    return name;
}

decode_result<std::string> parse_allowed_header(std::string_view text)
{
    const auto is_inside = [](char c) { return is_alnum(c) || c == '-' || c == '_'; };
    const bool is_name = !text.empty() && text.size() <= redaction_pattern_bytes_max &&
                         std::all_of(text.begin(), text.end(), is_inside);
    if (!is_name)
        return refuse("must be the name of a header, like 'X-Tenant'");
    if (is_secret_header(text))
        return refuse("names a header that is never kept");
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    return name;
}

bool matches(const route_pattern& pattern, const model::operation_key& operation)
{
    if (pattern.service != "*" && pattern.service != operation.service)
        return false;
    if (pattern.method != "*" && !is_same_text(pattern.method, operation.method))
        return false;
    if (!pattern.route.ends_with('*'))
        return pattern.route == operation.route;
    return operation.route.starts_with(std::string_view(pattern.route).substr(0, pattern.route.size() - 1));
}

bool keeps_bodies(const redaction_rules& rules, const model::operation_key& operation)
{
    const auto names = [&operation](const std::vector<route_pattern>& patterns) {
        return std::any_of(patterns.begin(), patterns.end(), [&operation](const route_pattern& one) {
            return matches(one, operation);
        });
    };
    if (names(rules.drop_bodies))
        return false;
    return !rules.drops_bodies || names(rules.keep_bodies);
}

}  // namespace reprise::telemetry
