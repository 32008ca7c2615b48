#include "rrpair_sections.hpp"

#include "json_cursor.hpp"
#include "json_value.hpp"
#include "number_text.hpp"
#include "text_class.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::string_view heading_mark = "### ";

std::size_t fence_ticks(std::string_view line)
{
    const auto ticks = std::min(line.find_first_not_of('`'), line.size());
    return ticks >= 3 ? ticks : 0;
}

// The content of the fence whose opening line was taken; nullopt when it is never closed.
std::optional<std::string_view> take_fence(std::string_view& text, std::size_t ticks)
{
    const char* const begin = text.data();
    while (!text.empty()) {
        const char* const line_begin = text.data();
        const std::string_view line = take_line(text);
        if (line.size() == ticks && fence_ticks(line) == ticks) {
            const auto size = static_cast<std::size_t>(line_begin - begin);
            return std::string_view(begin, size > 0 ? size - 1 : 0);
        }
    }
    return std::nullopt;
}

std::string_view heading_of(std::string_view line)
{
    line.remove_prefix(heading_mark.size());
    const auto end = line.rfind(" ###");
    return line.substr(0, end == std::string_view::npos ? line.size() : end);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

// Several values of one header, each with its commas marked.
void add_escaped(model::header_list& headers, std::string_view name, std::string_view joined)
{
    std::string value;
    for (std::size_t i = 0; i < joined.size(); ++i) {
        if (joined[i] == '\\' && i + 1 < joined.size() && (joined[i + 1] == ',' || joined[i + 1] == '\\')) {
            value += joined[++i];
        } else if (joined[i] == ',') {
            headers.emplace_back(std::string(name), std::exchange(value, {}));
            if (i + 1 < joined.size() && joined[i + 1] == ' ')
                ++i;
        } else {
            value += joined[i];
        }
    }
    headers.emplace_back(std::string(name), value);
}

}  // namespace

bool markdown_section::is(std::string_view wanted) const noexcept
{
    return name.starts_with(wanted) && (name.size() == wanted.size() || name[wanted.size()] == ' ');
}

std::string_view take_line(std::string_view& text)
{
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

std::vector<markdown_section> split_sections(std::string_view text)
{
    std::vector<markdown_section> sections(1);
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.starts_with(heading_mark)) {
            if (sections.size() == markdown_sections_max)
                break;
            sections.push_back({heading_of(line), {}});
        } else if (const std::size_t ticks = fence_ticks(line); ticks > 0) {
            const auto fence = take_fence(text, ticks);
            if (fence && sections.back().fences.size() < section_fences_max)
                sections.back().fences.push_back(*fence);
        }
    }
    return sections;
}

const markdown_section* find_section(const std::vector<markdown_section>& sections, std::string_view name)
{
    const auto found = std::find_if(sections.begin(), sections.end(), [name](const auto& one) { return one.is(name); });
    return found == sections.end() || found->fences.empty() ? nullptr : &*found;
}

raw_message split_message(std::string_view text, bool escaped)
{
    raw_message message;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) {
            message.body = text;
            break;
        }
        const auto colon = line.find(':', 1);  // ":authority: h" has a name.
        if (colon == std::string_view::npos)
            continue;
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (escaped)
            add_escaped(message.headers, name, value);
        else
            message.headers.emplace_back(std::string(name), std::string(value));
    }
    return message;
}

std::string escape_value(std::string_view value)
{
    std::string out;
    for (const char c : value) {
        if (c == ',' || c == '\\')
            out += '\\';
        out += c;
    }
    return out;
}

std::string compact_json(std::string_view text)
{
    const auto first = std::find_if_not(text.begin(), text.end(), is_space);
    if (first == text.end() || (*first != '{' && *first != '[') || !parse_json(text))
        return std::string(text);
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!quoted && is_space(text[i]))
            continue;
        out += text[i];
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted && text[i] == '\\' && i + 1 < text.size())
            out += text[++i];
    }
    return out;
}

std::optional<double> find_duration_ms(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, double>, 7> units = {
        {{"ms", 1}, {"us", 1e-3}, {"µs", 1e-3}, {"ns", 1e-6}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}}};
    double total_ms = 0;
    text = trimmed(text);
    if (text.empty())
        return std::nullopt;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const auto amount = find_number<double>(text.substr(0, digits));
        text.remove_prefix(digits);
        const auto unit = std::find_if(units.begin(), units.end(), [text](const auto& one) {
            return text.starts_with(one.first);
        });
        if (!amount || unit == units.end())
            return std::nullopt;
        total_ms += *amount * unit->second;
        text.remove_prefix(unit->first.size());
    }
    return total_ms;
}

}  // namespace reprise::telemetry
