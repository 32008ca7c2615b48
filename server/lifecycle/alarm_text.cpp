#include "alarm_text.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

bool is_digit(char one) noexcept
{
    return one >= '0' && one <= '9';
}

bool is_hex(char one) noexcept
{
    return is_digit(one) || (one >= 'a' && one <= 'f') || (one >= 'A' && one <= 'F');
}

bool is_word(char one) noexcept
{
    return is_digit(one) || (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_' ||
           static_cast<unsigned char>(one) >= 0x80;
}

bool is_space(char one) noexcept
{
    return one == ' ' || (one >= '\t' && one <= '\r');
}

std::size_t count_while(std::string_view text, std::size_t at, bool (*matches)(char))
{
    std::size_t end = at;
    while (end < text.size() && matches(text[end]))
        ++end;
    return end - at;
}

// Bytes of a UUID at the beginning, 0 when there is none.
std::size_t uuid_at(std::string_view text) noexcept
{
    constexpr std::array<std::size_t, 5> groups = {8, 4, 4, 4, 12};
    std::size_t at = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i > 0 && (at >= text.size() || text[at++] != '-'))
            return 0;
        if (count_while(text, at, is_hex) < groups[i])
            return 0;
        at += groups[i];
    }
    return at;
}

// Digits and separators as the pattern has them: '0' any digit, others themselves.
std::size_t pattern_at(std::string_view text, std::string_view pattern) noexcept
{
    if (text.size() < pattern.size())
        return 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool matches = pattern[i] == '0' ? is_digit(text[i]) : text[i] == pattern[i];
        if (!matches)
            return 0;
    }
    return pattern.size();
}

// "2026-11-26T05:52:16.123Z", "2026-11-26 05:52:16,123 +0100".
std::size_t time_at(std::string_view text) noexcept
{
    std::size_t at = pattern_at(text, "0000-00-00");
    if (at == 0 || at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' '))
        return 0;
    const std::size_t clock = pattern_at(text.substr(at + 1), "00:00");
    if (clock == 0)
        return 0;
    at += 1 + clock;
    at += pattern_at(text.substr(at), ":00");
    if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1]))
        at += 1 + count_while(text, at + 1, is_digit);
    if (at < text.size() && (text[at] == 'Z' || text[at] == 'z'))
        return at + 1;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        const std::size_t with_colon = pattern_at(text.substr(at + 1), "00:00");
        const std::size_t zone = with_colon > 0 ? with_colon : pattern_at(text.substr(at + 1), "0000");
        return zone > 0 ? at + 1 + zone : at;
    }
    return at;
}

bool ends_word(std::string_view text, std::size_t at) noexcept
{
    return at >= text.size() || !is_word(text[at]);
}

// Bytes at the beginning of a word that become one mark.
std::size_t varying_at(std::string_view text, const mask_rules& rules) noexcept
{
    if (rules.ids_and_times) {
        if (const std::size_t uuid = uuid_at(text); uuid > 0 && ends_word(text, uuid))
            return uuid;
        if (const std::size_t time = time_at(text); time > 0 && ends_word(text, time))
            return time;
    }
    const std::size_t hex = count_while(text, 0, is_hex);
    if (hex >= rules.hex_digits_min && ends_word(text, hex))
        return hex;
    const std::size_t digits = count_while(text, 0, is_digit);
    return digits > 0 && ends_word(text, digits) ? digits : 0;
}

std::string converted(std::string_view text, char from, char to, int by)
{
    std::string out(text);
    for (char& one : out) {
        if (one >= from && one <= to)
            one = static_cast<char>(one + by);
    }
    return out;
}

}  // namespace

std::string mask_varying(std::string_view text, const mask_rules& rules)
{
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        if (const std::size_t masked = varying_at(text.substr(at), rules); masked > 0) {
            out += mask_mark;
            at += masked;
        }
        const std::size_t word = count_while(text, at, is_word);
        out += text.substr(at, word);
        at += word;
        while (at < text.size() && !is_word(text[at]))
            out += text[at++];
    }
    return out;
}

std::string collapse_space(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char one : text) {
        if (!is_space(one))
            out += one;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (out.ends_with(' '))
        out.pop_back();
    return out;
}

std::string_view first_chars(std::string_view text, std::size_t count) noexcept
{
    std::size_t at = 0;
    for (std::size_t chars = 0; at < text.size() && chars < count; ++chars) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
            ++at;
    }
    return text.substr(0, at);
}

std::string_view first_line(std::string_view text) noexcept
{
    const auto begin = std::find_if_not(text.begin(), text.end(), is_space);
    text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
    return text.substr(0, text.find_first_of("\r\n"));
}

std::string lower_ascii(std::string_view text)
{
    return converted(text, 'A', 'Z', 'a' - 'A');
}

std::string upper_ascii(std::string_view text)
{
    return converted(text, 'a', 'z', 'A' - 'a');
}

}  // namespace reprise::lifecycle
