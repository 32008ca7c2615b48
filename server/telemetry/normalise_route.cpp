#include "normalise_append.hpp"

#include "call.hpp"
#include "text_class.hpp"
#include "text_match.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace reprise::telemetry {
namespace {

constexpr std::size_t hex_digits_min = 10;
constexpr std::size_t mixed_chars_min = 16;
constexpr std::size_t extension_chars_max = 5;
constexpr std::string_view id_mask = "{id}";
constexpr std::string_view cut_mark = "/...";

struct char_counts {
    std::size_t digits = 0;
    std::size_t lowers = 0;
    std::size_t uppers = 0;
    std::size_t hex_letters = 0;
    std::size_t dashes = 0;   // - and _
    std::size_t signs = 0;    // , + = ~ . and whatever else
    std::size_t commas = 0;
};

int hex_value(char c) noexcept
{
    return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

// One byte per count, so that a character is one addition: distinct paths are most of what is normalised.
enum count_lane : unsigned { digit_lane, lower_lane, upper_lane, hex_lane, dash_lane, sign_lane, comma_lane };

constexpr std::array<std::uint64_t, 256> char_weights = [] {
    constexpr auto one = [](count_lane lane) { return std::uint64_t{1} << 8 * lane; };
    std::array<std::uint64_t, 256> weights{};
    for (unsigned code = 0; code < weights.size(); ++code) {
        const auto c = static_cast<char>(code);
        if (is_digit(c))
            weights[code] = one(digit_lane);
        else if (is_letter(c))
            weights[code] = one(is_lower(c) ? lower_lane : upper_lane) + (is_hex(c) ? one(hex_lane) : 0);
        else if (c == '-' || c == '_')
            weights[code] = one(dash_lane);
        else
            weights[code] = one(sign_lane) + (c == ',' ? one(comma_lane) : 0);
    }
    return weights;
}();

char_counts count_chars(std::string_view text) noexcept
{
    constexpr std::size_t lane_max = 255;
    char_counts counts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, lane_max);
        std::uint64_t lanes = 0;
        for (const char c : part)
            lanes += char_weights[static_cast<unsigned char>(c)];
        const auto count = [lanes](count_lane lane) { return static_cast<std::size_t>(lanes >> 8 * lane & lane_max); };
        counts.digits += count(digit_lane);
        counts.lowers += count(lower_lane);
        counts.uppers += count(upper_lane);
        counts.hex_letters += count(hex_lane);
        counts.dashes += count(dash_lane);
        counts.signs += count(sign_lane);
        counts.commas += count(comma_lane);
        text.remove_prefix(part.size());
    }
    return counts;
}

// ":order", "{order}", "<int:order>" of route templates.
bool is_placeholder(std::string_view segment) noexcept
{
    return (segment.size() > 1 && segment.front() == ':') || (segment.starts_with('{') && segment.ends_with('}')) ||
           (segment.starts_with('<') && segment.ends_with('>'));
}

// Addresses, tokens and placeholders: what has a sign that no plain name has.
bool is_signed_id(std::string_view segment) noexcept
{
    if (is_placeholder(segment) || match_jwt(segment) == segment.size())
        return true;
    const auto at = segment.find('@');
    return (at != std::string_view::npos && at > 0) || segment.find("%40") != std::string_view::npos;
}

// `counts` are the segment's.
bool is_plain_id(std::string_view segment, const char_counts& counts) noexcept
{
    const std::size_t letters = counts.lowers + counts.uppers;
    if (counts.signs > 0 && is_signed_id(segment))
        return true;
    if (counts.digits == 0)
        return false;
    if (letters == 0)
        return counts.signs == counts.commas + (segment[0] == '+' ? 1U : 0U);  // Numbers, dates, lists, phones.
    if (counts.signs > 0)
        return false;
    if (counts.dashes > 0 && match_uuid(segment) == segment.size())
        return true;
    if (counts.dashes == 0 && letters == counts.hex_letters && segment.size() >= hex_digits_min)
        return true;
    if (segment.size() < mixed_chars_min)
        return false;
    // With dashes it may be a name of several words; keys are seldom of one case.
    return counts.dashes == 0 || (counts.lowers > 0 && counts.uppers > 0);
}

// Escapes hide what a segment is: "ghp%5F16C7...".
bool is_escaped_id(std::string_view segment) noexcept
{
    constexpr std::size_t plain_bytes_max = 256;
    std::array<char, plain_bytes_max> plain{};
    std::size_t size = 0;
    for (std::size_t at = 0; at < segment.size(); ++at, ++size) {
        if (size == plain.size())
            return true;
        plain[size] = segment[at];
        if (segment[at] == '%' && at + 2 < segment.size() && is_hex(segment[at + 1]) && is_hex(segment[at + 2])) {
            plain[size] = static_cast<char>(hex_value(segment[at + 1]) * 16 + hex_value(segment[at + 2]));
            at += 2;
        }
    }
    const std::string_view text(plain.data(), size);
    return is_plain_id(text, count_chars(text));
}

// `counts` are the segment's.
bool is_id(std::string_view segment, const char_counts& counts) noexcept
{
    const bool is_escaped = counts.signs > 0 && segment.find('%') != std::string_view::npos;
    return is_escaped ? is_escaped_id(segment) : is_plain_id(segment, counts);
}

bool is_id(std::string_view segment) noexcept
{
    return is_id(segment, count_chars(segment));
}

// "17.json" keeps its kind.
std::string_view extension_of(std::string_view segment) noexcept
{
    const auto dot = segment.rfind('.');
    if (dot == std::string_view::npos || dot == 0)
        return {};
    const std::string_view extension = segment.substr(dot);
    const bool is_name = extension.size() > 1 && extension.size() <= extension_chars_max + 1 &&
                         std::all_of(extension.begin() + 1, extension.end(), is_letter);
    return is_name ? extension : std::string_view();
}

void append_segment(std::string& out, std::string_view segment)
{
    if (segment.empty())
        return;
    out += '/';
    const char_counts counts = count_chars(segment);
    if (counts.digits == 0 && counts.signs == 0) {
        out += segment;  // Most segments: a plain word.
        return;
    }
    if (is_id(segment, counts)) {
        out += id_mask;
        return;
    }
    const std::string_view extension = counts.signs > 0 ? extension_of(segment) : std::string_view();
    const std::string_view stem = segment.substr(0, segment.size() - extension.size());
    if (!extension.empty() && is_id(stem))
        out.append(id_mask).append(extension);
    else
        out += segment;
}

}  // namespace

void append_route(std::string& out, std::string_view target)
{
    const std::size_t from = out.size();
    std::string_view path = without_query(path_and_query(target));
    const bool has_parameters = path.find(';') != std::string_view::npos;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::size_t before = out.size();
        const std::string_view segment = path.substr(0, end);
        // Path parameters carry session ids.
        append_segment(out, has_parameters ? segment.substr(0, segment.find(';')) : segment);
        if (out.size() - from > route_bytes_max) {
            out.resize(before);
            out += cut_mark;
            return;
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    if (out.size() == from)
        out += '/';
}

// The parts of a key are told apart by what people put between them.
void append_key(std::string& out, std::string_view key)
{
    constexpr std::string_view separators = ":/|.#";
    while (!key.empty()) {
        const std::size_t end = std::min(key.find_first_of(separators), key.size());
        const std::string_view segment = key.substr(0, end);
        out += is_id(segment) ? id_mask : segment;
        if (end < key.size())
            out += key[end];
        key.remove_prefix(std::min(end + 1, key.size()));
    }
}

std::string normalise_route(std::string_view target)
{
    std::string out;
    append_route(out, target);
    return out;
}

}  // namespace reprise::telemetry
