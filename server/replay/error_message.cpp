#include "error_message.hpp"

#include "reprise/telemetry/normalise.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <initializer_list>

namespace reprise::replay {
namespace {

namespace json = boost::json;

constexpr int nesting_max = 3;               // {"error": {"cause": ...}} and the like.
constexpr std::size_t digest_digits = 8;     // <email:9f86d081>
constexpr std::size_t token_type_bytes_max = 32;

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The first of these members that is a text, or a number such as a code.
std::string first_text(const json::object& object, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names) {
        const json::value* const found = object.if_contains(name);
        if (found != nullptr && found->is_string() && !found->get_string().empty())
            return std::string(found->get_string());
        if (found != nullptr && found->is_int64())
            return std::to_string(found->get_int64());
    }
    return {};
}

// "type: message", as exceptions are written.
std::string text_of(const json::value& error, int nesting)
{
    if (error.is_string())
        return std::string(error.get_string());
    if (const json::array* const list = error.if_array())
        return list->empty() || nesting == 0 ? std::string() : text_of(list->front(), nesting - 1);
    const json::object* const object = error.if_object();
    if (object == nullptr)
        return {};
    std::string text = first_text(*object, {"message", "detail", "error_description", "reason", "title", "msg"});
    for (const std::string_view name : {"error", "errors", "fault", "exception"}) {
        const json::value* const inner = object->if_contains(name);
        if (text.empty() && inner != nullptr && nesting > 0)
            text = text_of(*inner, nesting - 1);
    }
    const std::string kind = first_text(*object, {"type", "code", "error"});
    if (kind.empty() || text.empty() || kind == text)
        return text;
    return kind + ": " + text;
}

std::string text_of_json(std::string_view body)
{
    json::error_code ec;
    const json::value parsed = json::parse(body, ec);
    return ec || parsed.is_string() ? std::string() : text_of(parsed, nesting_max);
}

std::string text_of_page(std::string_view body)
{
    for (const std::string_view tag : {"<pre>", "<title>"}) {
        const auto at = body.find(tag);
        if (at == std::string_view::npos)
            continue;
        const std::string_view inside = body.substr(at + tag.size());
        return std::string(inside.substr(0, inside.find('<')));
    }
    return {};
}

// The first line; of a Python traceback the last, where its error stands.
std::string text_of_lines(std::string_view body)
{
    std::string_view first;
    std::string_view last;
    while (!body.empty()) {
        const std::string_view line = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(line.size() + 1, body.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        first = first.empty() ? line : first;
        last = line;
    }
    return std::string(first.starts_with("Traceback (most recent call last)") ? last : first);
}

std::string text_of_body(const model::header_list& headers, std::string_view body)
{
    const auto begin = body.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || body.size() > error_body_bytes_max)
        return {};
    if (body[begin] == '{' || body[begin] == '[')
        return text_of_json(body);
    const std::string_view type = model::find_header(headers, "content-type");
    if (body[begin] == '<')
        return text_of_page(body);
    return type.empty() || type.starts_with("text/") ? text_of_lines(body) : std::string();
}

// Of a token at the begin, as redaction writes them: <email:9f86d081....>. 0 when it is none.
std::size_t token_bytes(std::string_view text)
{
    std::size_t at = 1;
    const auto is_type = [](char c) { return is_letter(c) || c == '-' || c == '_'; };
    while (at < text.size() && at <= token_type_bytes_max && is_type(text[at]))
        ++at;
    if (at == 1 || at >= text.size() || text[at] != ':')
        return 0;
    const std::size_t digest = ++at;
    while (at < text.size() && (is_digit(text[at]) || (text[at] >= 'a' && text[at] <= 'f')))
        ++at;
    if (at - digest != digest_digits)
        return 0;
    while (at < text.size() && text[at] == '.')
        ++at;
    return at < text.size() && text[at] == '>' ? at + 1 : 0;
}

std::string mark_redacted(std::string_view text)
{
    std::string made;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t token = text[at] == '<' ? token_bytes(text.substr(at)) : 0;
        // No control character of a body is taken for a mark.
        if (token > 0)
            made += redacted_mark;
        else
            made += static_cast<unsigned char>(text[at]) < ' ' ? ' ' : text[at];
        at += std::max<std::size_t>(token, 1);
    }
    return made;
}

}  // namespace

std::string find_error_message(const model::header_list& headers, std::string_view body)
{
    std::string message = telemetry::normalise_message(mark_redacted(text_of_body(headers, body)));
    const auto says_something = [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; };
    if (std::none_of(message.begin(), message.end(), says_something))
        message.clear();
    return message;
}

bool is_same_error(std::string_view captured, std::string_view message)
{
    auto mark = captured.find(redacted_mark);
    if (mark == std::string_view::npos)
        return captured == message;
    if (!message.starts_with(captured.substr(0, mark)))
        return false;
    message.remove_prefix(mark);
    while (true) {
        captured.remove_prefix(mark + 1);
        mark = captured.find(redacted_mark);
        if (mark == std::string_view::npos)
            return message.ends_with(captured);
        const auto found = message.find(captured.substr(0, mark));
        if (found == std::string_view::npos)
            return false;
        message.remove_prefix(found + mark);
    }
}

}  // namespace reprise::replay
