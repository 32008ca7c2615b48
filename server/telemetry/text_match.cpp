#include "text_match.hpp"

#include "text_class.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

template <class Is>
std::size_t run(std::string_view text, Is is) noexcept
{
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    return static_cast<std::size_t>(end - text.begin());
}

// `pattern`: '0' stands for a digit, 'f' for a hex digit, anything else for itself.
bool has_form(std::string_view text, std::string_view pattern) noexcept
{
    if (text.size() < pattern.size())
        return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool fits = pattern[i] == '0'   ? is_digit(text[i])
                          : pattern[i] == 'f' ? is_hex(text[i])
                                              : text[i] == pattern[i];
        if (!fits)
            return false;
    }
    return true;
}

bool goes_on(std::string_view text, std::size_t at) noexcept
{
    return at < text.size() && is_alnum(text[at]);
}

std::size_t match_offset(std::string_view text) noexcept
{
    if (text.starts_with('Z') || text.starts_with('z'))
        return 1;
    if (!text.starts_with('+') && !text.starts_with('-'))
        return 0;
    if (has_form(text.substr(1), "00:00"))
        return 6;
    return has_form(text.substr(1), "0000") ? 5 : 0;
}

}  // namespace

std::size_t match_jwt(std::string_view text) noexcept
{
    constexpr std::size_t part_bytes_min = 8;
    if (!text.starts_with("eyJ"))
        return 0;
    const std::size_t head = run(text, is_base64url);
    if (head < part_bytes_min || head >= text.size() || text[head] != '.')
        return 0;
    const std::size_t claims = run(text.substr(head + 1), is_base64url);
    const std::size_t dot = head + 1 + claims;
    if (claims < part_bytes_min || dot >= text.size() || text[dot] != '.')
        return 0;
    return dot + 1 + run(text.substr(dot + 1), is_base64url);
}

std::size_t match_timestamp(std::string_view text) noexcept
{
    if (!has_form(text, "0000-00-00"))
        return 0;
    std::size_t end = 10;
    if (end + 1 < text.size() && (text[end] == 'T' || text[end] == 't' || text[end] == ' ') &&
        has_form(text.substr(end + 1), "00:00")) {
        end += 6;
        if (has_form(text.substr(end), ":00"))
            end += 3;
        if (end + 1 < text.size() && (text[end] == '.' || text[end] == ',') && is_digit(text[end + 1]))
            end += 1 + run(text.substr(end + 1), is_digit);
        end += match_offset(text.substr(end));
    }
    return goes_on(text, end) ? 0 : end;
}

std::size_t match_uuid(std::string_view text) noexcept
{
    constexpr std::string_view form = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    const bool more = goes_on(text, form.size()) || (form.size() < text.size() && text[form.size()] == '{');
    return has_form(text, form) && !more ? form.size() : 0;  // "{" as for match_ipv4.
}

std::size_t match_email(std::string_view text) noexcept
{
    const std::size_t local = run(text, [](char c) {
        return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
    });
    if (local == 0 || local >= text.size() || text[local] != '@')
        return 0;
    const std::string_view rest = text.substr(local + 1);
    // The longest that ends in a label of two characters and a letter: neither a full stop after the address
    // nor a number is part of it, and what follows, masked or not, cannot make one of what was none.
    std::size_t dot = 0;
    std::size_t domain = 0;
    for (std::size_t at = 0; at < rest.size() && (is_alnum(rest[at]) || rest[at] == '.' || rest[at] == '-'); ++at) {
        if (rest[at] == '.')
            dot = at;
        else if (dot > 0 && at - dot >= 2 && is_letter(rest[at]))
            domain = at + 1;
    }
    if (domain == 0)
        return 0;
    return local + 1 + domain;
}

std::size_t match_ipv4(std::string_view text) noexcept
{
    std::size_t end = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && (end >= text.size() || text[end++] != '.'))
            return 0;
        const std::size_t digits = run(text.substr(end), is_digit);
        if (digits == 0 || digits > 3)
            return 0;
        end += digits;
    }
    // "{" begins what a template put in place of a fifth number.
    const bool more = goes_on(text, end) || (end + 1 < text.size() && text[end] == '.' &&
                                             (is_digit(text[end + 1]) || text[end + 1] == '{'));
    return more ? 0 : end;
}

std::size_t match_ipv6(std::string_view text) noexcept
{
    constexpr std::size_t bytes_max = 39;
    // Never further than decides: this is tried at every word.
    const std::size_t end = run(text.substr(0, bytes_max + 1), [](char c) { return is_hex(c) || c == ':'; });
    const std::string_view word = text.substr(0, end);
    const auto colons = std::count(word.begin(), word.end(), ':');
    const bool has_gap = word.find("::") != std::string_view::npos;
    const bool has_digit = std::any_of(word.begin(), word.end(), is_digit);
    const bool more = goes_on(text, end) || (end < text.size() && text[end] == '{');  // As for match_ipv4.
    if (end > bytes_max || more || !has_digit || word.ends_with(':') || colons > 7)
        return 0;
    return (has_gap && colons >= 2) || colons == 7 ? end : 0;
}

}  // namespace reprise::telemetry
