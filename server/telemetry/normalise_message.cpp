#include "normalise_append.hpp"

#include "text_class.hpp"
#include "text_match.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

constexpr std::size_t number_digits_min = 4;
constexpr std::size_t hex_digits_min = 8;
// What lies further back cannot come into the output, whatever is masked.
constexpr std::size_t read_bytes_max = 16 * message_bytes_max;

struct masked {
    std::size_t bytes = 0;
    std::string_view mask;
};

// A mask is part of the word it stands in, or masking twice would find new words beside it.
bool begins_word(std::string_view text, std::size_t at) noexcept
{
    return at == 0 || !(is_alnum(text[at - 1]) || text[at - 1] == '_' || text[at - 1] == '}');
}

bool ends_word(std::string_view text, std::size_t at) noexcept
{
    return at >= text.size() || !(is_alnum(text[at]) || text[at] == '_' || text[at] == '{');
}

// An e-mail's local part may hold points and signs, so that its beginning is further back than a word's.
bool begins_address(std::string_view text, std::size_t at) noexcept
{
    constexpr std::string_view inside = "._%+-";
    return begins_word(text, at) && (at == 0 || inside.find(text[at - 1]) == std::string_view::npos);
}

// "0x1f", "deadbeef01": letters alone are a word.
std::size_t match_hex(std::string_view text) noexcept
{
    const bool prefixed = text.starts_with("0x") || text.starts_with("0X");
    std::size_t end = prefixed ? 2 : 0;
    bool has_digit = prefixed;
    bool has_letter = prefixed;
    for (; end < text.size() && is_hex(text[end]); ++end)
        (is_digit(text[end]) ? has_digit : has_letter) = true;
    const bool long_enough = prefixed ? end > 2 : end >= hex_digits_min;
    return long_enough && has_digit && has_letter && ends_word(text, end) ? end : 0;
}

std::size_t match_number(std::string_view text) noexcept
{
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end]))
        ++end;
    return end >= number_digits_min ? end : 0;
}

masked find_mask(std::string_view text, std::size_t at) noexcept
{
    const std::string_view rest = text.substr(at);
    if (begins_word(text, at)) {
        if (const auto size = match_jwt(rest))
            return {size, "{token}"};
        if (const auto size = match_timestamp(rest))
            return {size, "{timestamp}"};
        if (const auto size = match_uuid(rest))
            return {size, "{uuid}"};
    }
    if (begins_address(text, at)) {
        if (const auto size = match_email(rest))
            return {size, "{email}"};
    }
    if (begins_word(text, at)) {
        const bool after_point = at > 0 && text[at - 1] == '.';  // Of a longer version number.
        if (const auto size = match_ipv4(rest); size > 0 && !after_point)
            return {size, "{ip}"};
        if (const auto size = match_ipv6(rest))
            return {size, "{ip}"};
        if (const auto size = match_hex(rest))
            return {size, "{hex}"};
    }
    return {match_number(rest), "{id}"};
}

}  // namespace

void append_message(std::string& out, std::string_view message)
{
    const std::size_t from = out.size();
    message = message.substr(0, read_bytes_max);
    for (std::size_t at = 0; at < message.size() && out.size() - from <= message_bytes_max;) {
        const char c = message[at];
        if (is_space(c)) {
            if (out.size() > from && out.back() != ' ')
                out += ' ';
            ++at;
            continue;
        }
        const bool may_begin = is_alnum(c) || c == ':';
        const masked found = may_begin ? find_mask(message, at) : masked{};
        if (found.bytes > 0) {
            out += found.mask;
            at += found.bytes;
            continue;
        }
        // A run of digits is taken whole, or its tail would look like a shorter number.
        do
            out += message[at++];
        while (is_digit(c) && at < message.size() && is_digit(message[at]));
    }
    out.resize(from + cut_utf8(std::string_view(out).substr(from), message_bytes_max).size());
    while (out.size() > from && out.back() == ' ')
        out.pop_back();
}

std::string normalise_message(std::string_view message)
{
    std::string out;
    append_message(out, message);
    return out;
}

}  // namespace reprise::telemetry
