#include "markdown.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>

namespace reprise::forge {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view zero_width_space = "\xE2\x80\x8B";

struct character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

std::size_t length_of(unsigned char lead) noexcept
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// The first character of a text that is not empty.
character next_character(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = length_of(byte(0));
    if (length == 0 || length > text.size())
        return {};
    if (length == 1)
        return {byte(0), 1, true};
    char32_t code = byte(0) & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return {};
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least[length] || surrogate || code > 0x10FFFF)
        return {};
    return {code, length, true};
}

// Characters that change what people see without being seen.
bool is_invisible(char32_t code) noexcept
{
    return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E)
        || (code >= 0x2060 && code <= 0x206F) || code == 0x00AD || code == 0x061C || code == 0xFEFF
        || (code >= 0xE0000 && code <= 0xE007F);
}

bool is_control(char32_t code) noexcept
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

void append_named(std::string& out, char32_t code)
{
    std::array<char, 16> name{};
    const int length =
        std::snprintf(name.data(), name.size(), "\\u{%x}", static_cast<unsigned>(code));
    out.append(name.data(), static_cast<std::size_t>(length));
}

void append_clean(std::string& out, const character& one, std::string_view bytes)
{
    if (!one.valid)
        out += replacement;
    else if (is_invisible(one.code))
        append_named(out, one.code);
    else if (is_control(one.code))
        out += ' ';
    else
        out += bytes;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t bytes_max)
{
    std::string out;
    out.reserve(std::min(text.size(), bytes_max) + 32);
    while (!text.empty()) {
        const character one = next_character(text);
        const std::size_t before = out.size();
        if (one.valid && (one.code == '\n' || one.code == '\t'))
            out += static_cast<char>(one.code);
        else if (!one.valid || one.code != '\r')
            append_clean(out, one, text.substr(0, one.bytes));
        if (out.size() > bytes_max) {
            out.resize(before);
            out += " [" + std::to_string(text.size()) + " bytes more]";
            return out;
        }
        text.remove_prefix(one.bytes);
    }
    return out;
}

std::string clean_line(std::string_view text, std::size_t bytes_max)
{
    std::string out = clean_text(text, bytes_max);
    std::replace(out.begin(), out.end(), '\n', ' ');
    std::replace(out.begin(), out.end(), '\t', ' ');
    return out;
}

bool joins_key(std::string_view text, std::size_t at) noexcept
{
    const auto is_word = [](char one) { return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '_'; };
    if (text[at] != '-' || at + 1 >= text.size() || text[at + 1] < '0' || text[at + 1] > '9')
        return false;
    std::size_t begin = at;
    while (begin > 0 && is_word(text[begin - 1]))
        --begin;
    return begin < at && std::isalpha(static_cast<unsigned char>(text[begin])) != 0;
}

namespace {

// Trackers turn @name, #12, !12, KEY-12, %12, http://... and www. into links and acts behind Markdown's back. An
// invisible character after `text[i]` stops that.
bool starts_link(std::string_view text, std::size_t i) noexcept
{
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    switch (text[i]) {
    case '@':
    case '#': return true;
    case '&':
    case '$':
    case '%':
    case '!': return next >= '0' && next <= '9';
    case '-': return joins_key(text, i);
    case ':': return text.substr(i + 1, 2) == "//";
    case '.': return i >= 3 && (text[i - 1] | 0x20) == 'w';
    default: return false;
    }
}

}  // namespace

std::string plain(std::string_view text, std::size_t bytes_max)
{
    constexpr std::string_view markup = "\\`*_[]<>#|~&$";
    constexpr std::string_view line_starts = "-+=/";  // Lists, underlines and quick actions; harmless further on.
    const std::string line = clean_line(text, bytes_max);
    const auto first = line.find_first_not_of(' ');
    std::string out;
    out.reserve(line.size() * 2);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char one = line[i];
        const bool starts_block = i == first && line_starts.find(one) != std::string_view::npos;
        if (starts_block || markup.find(one) != std::string_view::npos)
            out += '\\';
        out += one;
        if (starts_link(line, i))
            out += zero_width_space;
    }
    return out;
}

std::string code(std::string_view text, std::size_t bytes_max)
{
    std::string line = clean_line(text, bytes_max);
    std::replace(line.begin(), line.end(), '`', '\'');
    if (line.find_first_not_of(' ') == std::string::npos)
        return "(empty)";
    return "`" + line + "`";
}

std::string fenced(std::string_view language, std::string_view text, std::size_t bytes_max)
{
    const std::string body = clean_text(text, bytes_max);
    std::size_t longest = 2;
    std::size_t run = 0;
    for (const char one : body) {
        run = one == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    return fence + std::string(language) + "\n" + body + "\n" + fence + "\n";
}

}  // namespace reprise::forge
