#include "flow_rules.hpp"

#include "call.hpp"
#include "secret_find.hpp"
#include "text_class.hpp"

#include "reprise/telemetry/drift.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace reprise::telemetry {
namespace {

constexpr std::array<std::string_view, 15> id_words = {
    "id", "ids", "uuid", "guid", "key", "number", "num", "no", "nr", "code", "ref", "reference", "slug", "cursor",
    "handle"};
constexpr std::array<std::string_view, 12> no_ids = {"paid",  "unpaid", "valid",   "invalid", "void",  "avoid",
                                                     "grid",  "hybrid", "android", "solid",   "fluid", "rapid"};

// Names that hold whatever the path is about.
constexpr std::array<std::string_view, 14> wrappers = {
    "data", "result", "item", "row", "content", "list", "record", "payload", "response", "object", "entity", "node",
    "value", "attribute"};

constexpr std::array<std::string_view, 14> quiet_sources = {
    "age", "cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "keep-alive",
    "server", "set-cookie", "transfer-encoding", "vary", "via", "x-powered-by"};
constexpr std::array<std::string_view, 26> quiet_targets = {
    "accept", "accept-charset", "accept-encoding", "accept-language", "b3", "baggage", "cache-control", "connection",
    "content-encoding", "content-length", "content-type", "cookie", "date", "expect", "forwarded", "host", "keep-alive",
    "origin", "pragma", "referer", "te", "traceparent", "tracestate", "transfer-encoding", "user-agent", "via"};

bool has(std::span<const std::string_view> words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool are_all(std::string_view text, bool (*is)(char) noexcept) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

bool is_one_character(std::string_view text) noexcept
{
    return text.find_first_not_of(text.front()) == std::string_view::npos;
}

// "orderItem_id" -> order, item, id
std::vector<std::string> words_of(std::string_view name)
{
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool begins = is_upper(name[i]) && i > 0 && is_lower(name[i - 1]);
        if ((!is_alnum(name[i]) || begins) && !words.back().empty())
            words.emplace_back();
        if (is_alnum(name[i]))
            words.back() += to_lower(name[i]);
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

std::string singular(std::string_view word)
{
    if (word.ends_with("ies") && word.size() > 4)
        return std::string(word.substr(0, word.size() - 3)) + "y";
    if (word.ends_with('s') && !word.ends_with("ss") && word.size() > 3)
        word.remove_suffix(1);
    return std::string(word);
}

// "orders" -> "order", "billing_addresses" -> "address"; "" where there is no word.
std::string thing_of_word(std::string_view name)
{
    const auto words = words_of(name);
    return words.empty() ? std::string() : singular(words.back());
}

// "/orders/17" and "/items/0/id" -> their parts; numbers are left out.
std::vector<std::string_view> named_parts(std::string_view path)
{
    std::vector<std::string_view> parts;
    for (const std::string_view part : split_pieces(path)) {
        if (!are_all(part, is_digit))
            parts.push_back(part);
    }
    return parts;
}

// What the id under this name is the id of: "orderId", "order_id", "/order/id" -> "order". nullopt: it is none;
// "": it does not say.
std::optional<std::string> thing_of_name(std::string_view name)
{
    const auto parts = named_parts(name);
    std::vector<std::string> words = parts.empty() ? std::vector<std::string>() : words_of(parts.back());
    if (words.empty())
        return std::nullopt;
    const std::string last = words.back();
    if (last.ends_with("id") && last.size() > 4 && !has(no_ids, last))
        return singular(std::string_view(last).substr(0, last.size() - 2));
    if (!has(id_words, last))
        return std::nullopt;
    if (words.size() > 1)
        return singular(words[words.size() - 2]);
    const std::string holder = parts.size() > 1 ? thing_of_word(parts[parts.size() - 2]) : std::string();
    return has(wrappers, holder) ? std::string() : holder;
}

// The collection that a segment of a path is in: "order" for 17 in "/orders/17".
std::string thing_before(std::string_view path, std::string_view index)
{
    std::string_view before;
    std::size_t at = 0;
    for (const std::string_view segment : split_segments(path)) {
        if (std::to_string(at++) == index)
            break;
        before = segment;
    }
    return thing_of_word(before);
}

std::string thing_of_target(const value_place& target, std::string_view path)
{
    if (target.part == value_part::path)
        return thing_before(path, target.name);
    const auto thing = thing_of_name(target.name);
    if (!thing || !thing->empty())
        return thing.value_or("");
    const auto segments = split_segments(path);
    return segments.empty() ? std::string() : thing_of_word(segments.back());
}

}  // namespace

flow_strength find_strength(std::string_view value)
{
    constexpr std::size_t mixed_chars_min = 8;
    constexpr std::ptrdiff_t mixed_digits_min = 4;  // "garden-7" names one of few.
    constexpr std::size_t digits_min = 6;
    if (value.size() < 2 || value.size() > flow_value_bytes_max)
        return flow_strength::none;
    if (match_token(value) == value.size())
        return value.starts_with("<binary:") || value.starts_with("<body:") ? flow_strength::none
                                                                            : flow_strength::strong;
    if (are_all(value, is_digit)) {
        // Nines are what redaction makes of a number.
        if (value.find_first_not_of('9') == std::string_view::npos || value.front() == '0')
            return flow_strength::none;
        if (value.size() < digits_min)
            return flow_strength::id;
        return is_one_character(value) ? flow_strength::none : flow_strength::strong;
    }
    const value_form form = look_at_value(value).form;
    if (form == value_form::date || looks_like_path(value))
        return flow_strength::none;
    if (form != value_form::plain)
        return flow_strength::strong;
    const bool has_digits = std::count_if(value.begin(), value.end(), is_digit) >= mixed_digits_min;
    const bool has_letter = std::any_of(value.begin(), value.end(), is_letter);
    const bool is_word = std::all_of(value.begin(), value.end(), [](char c) {
        constexpr std::string_view signs = "-_.~+/=:@|";
        return is_alnum(c) || signs.find(c) != std::string_view::npos;
    });
    return is_word && has_digits && has_letter && value.size() >= mixed_chars_min ? flow_strength::strong
                                                                                : flow_strength::none;
}

std::string flow_key(std::string_view value)
{
    constexpr std::size_t hash_digits = 8;
    if (match_token(value) != value.size() || value.empty())
        return std::string(value);
    return "<:" + std::string(value.substr(value.find(':') + 1, hash_digits)) + ">";
}

bool is_source_header(std::string_view lower_name)
{
    return !has(quiet_sources, lower_name);
}

bool is_target_header(std::string_view lower_name)
{
    return !has(quiet_targets, lower_name) && !lower_name.starts_with("x-forwarded-") &&
           !lower_name.starts_with("sec-") && !lower_name.starts_with(':');
}

bool are_same_ids(
    const value_place& source, const model::exchange& answered, const value_place& target, std::string_view target_path
)
{
    // What is only read has ids of all kinds of things, and they stay what they are.
    if (answered.method == "GET" || answered.method == "HEAD")
        return false;
    const bool in_location = source.part == value_part::header && source.piece.has_value();
    const auto given = in_location ? std::optional(std::string()) : thing_of_name(source.name);
    const std::string wanted = thing_of_target(target, target_path);
    if (!given || wanted.empty())
        return false;
    if (!given->empty())
        return *given == wanted;
    const auto segments = split_segments(path_and_query(answered.path));
    return std::any_of(segments.begin(), segments.end(), [&wanted](std::string_view segment) {
        return thing_of_word(segment) == wanted;
    });
}

}  // namespace reprise::telemetry
