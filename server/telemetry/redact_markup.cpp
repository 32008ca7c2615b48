#include "redactor.hpp"
#include "secret_find.hpp"

#include <algorithm>
#include <optional>

namespace reprise::telemetry {
namespace {

constexpr std::size_t tag_bytes_max = 1024;
constexpr std::string_view data_begin = "<![CDATA[";
constexpr std::string_view data_end = "]]>";

bool is_tag_name_char(char c)
{
    return c == ':' || (is_name_char(c) && c != '.');
}

struct attribute {
    std::string_view name;
    std::string_view value;
};

// Takes one attribute with a quoted value, or without a value, off the front; nullopt where the tag ends or is none.
std::optional<attribute> take_attribute(std::string_view& text)
{
    text.remove_prefix(run_from(text, 0, is_space));
    const std::size_t name_bytes = run_from(text, 0, [](char c) { return c == ':' || is_name_char(c); });
    if (name_bytes == 0)
        return std::nullopt;
    attribute taken{text.substr(0, name_bytes), {}};
    text.remove_prefix(name_bytes);
    if (!text.starts_with('='))
        return taken;
    const char quote = text.size() > 1 ? text[1] : '\0';
    const auto end = quote == '"' || quote == '\'' ? text.find(quote, 2) : std::string_view::npos;
    if (end == std::string_view::npos)
        return std::nullopt;
    taken.value = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    return taken;
}

// The content of an element that `text` begins with, as far as it is a text.
std::string_view content_at(std::string_view text)
{
    if (text.starts_with(data_begin))
        return text.substr(data_begin.size(), text.find(data_end, data_begin.size()) - data_begin.size());
    if (const std::size_t done = match_token(text))
        return text.substr(0, done);
    return text.substr(0, text.find('<'));
}

}  // namespace

// <password>x</password>, with name space and attributes, or its text in CDATA.
bool redactor::take_element(std::string_view text, std::size_t& at, std::string& out) const
{
    if (text[at] != '<' || at + 1 >= text.size() || !is_letter(text[at + 1]))
        return false;
    const std::size_t name_end = run_from(text, at + 1, is_tag_name_char);
    std::string_view name = text.substr(at + 1, name_end - at - 1);
    name = name.substr(name.rfind(':') + 1);
    const auto close = text.substr(0, std::min(text.size(), at + tag_bytes_max)).find('>', name_end);
    if (close == std::string_view::npos || text[close - 1] == '/' || !(close == name_end || is_space(text[name_end])))
        return false;
    const std::string_view type = secret_name(name);
    if (type.empty())
        return false;
    const std::string_view attributes = text.substr(name_end, close + 1 - name_end);
    const std::string_view content = content_at(text.substr(close + 1));
    if (content.empty() || attributes.find('<') != std::string_view::npos)
        return false;
    const auto begin = static_cast<std::size_t>(content.data() - text.data());
    out += '<';
    out += scan(text.substr(at + 1, close - at - 1), 0);
    out += text.substr(close, begin - close);
    out += token(type, content);
    at = begin + content.size();
    return true;
}

// <input name="csrf_token" value="x">, <add key="ApiKey" value="x"/>, <meta name="csrf-token" content="x">: one
// attribute names what another one holds.
bool redactor::take_tag(std::string_view text, std::size_t& at, std::string& out) const
{
    if (text[at] != '<' || at + 1 >= text.size() || !is_letter(text[at + 1]))
        return false;
    std::string_view rest = text.substr(0, std::min(text.size(), at + tag_bytes_max));
    rest.remove_prefix(run_from(rest, at + 1, is_tag_name_char));
    std::string_view type;
    std::string_view held;
    while (const auto one = take_attribute(rest)) {
        const bool names = one->name == "name" || one->name == "key" || one->name == "type" || one->name == "property";
        if (names && type.empty())
            type = secret_name(one->value);
        if (one->name == "value" || one->name == "content")
            held = one->value;
    }
    if (type.empty() || held.empty())
        return false;
    const auto begin = static_cast<std::size_t>(held.data() - text.data());
    out += '<';
    out += scan(text.substr(at + 1, begin - at - 1), 0);
    out += token(type, held);
    at = begin + held.size();
    return true;
}

}  // namespace reprise::telemetry
