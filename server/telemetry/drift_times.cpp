#include "drift_times.hpp"

#include "base64_text.hpp"
#include "json_value.hpp"
#include "number_text.hpp"
#include "text_class.hpp"
#include "text_match.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/base/ulid_time.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <string>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

constexpr std::int64_t ns_per_day = 86'400 * ns_per_s;
constexpr std::int64_t epoch_min_s = 1'000'000'000;  // 2001: nine digits before, as many ids have.
constexpr std::int64_t epoch_max_s = 4'102'444'800;  // 2100

bool are_all_hex(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_hex);
}

bool are_all_digits(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool are_all_zero(std::string_view text) noexcept
{
    return text.find_first_not_of("0-") == std::string_view::npos;
}

// Of up to 16 hex digits.
std::uint64_t hex_number(std::string_view text) noexcept
{
    std::uint64_t value = 0;
    for (const char c : text)
        value = value << 4 | static_cast<std::uint64_t>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
    return value;
}

bool is_plausible_s(std::int64_t time_s) noexcept
{
    return time_s >= epoch_min_s && time_s < epoch_max_s;
}

value_look look_at_ms(value_form form, std::uint64_t time_ms)
{
    if (time_ms >= static_cast<std::uint64_t>(epoch_max_s) * 1000)
        return {form, std::nullopt, 0};
    return {form, static_cast<std::int64_t>(time_ms) * ns_per_ms, ns_per_ms};
}

value_look look_at_s(value_form form, std::int64_t time_s)
{
    return {form, time_s * ns_per_s, ns_per_s};
}

// 100 ns since 15 October 1582, as versions 1 and 6 have it.
value_look look_at_gregorian(std::uint64_t ticks)
{
    constexpr std::uint64_t unix_epoch_ticks = 0x01b21dd213814000ULL;
    if (ticks < unix_epoch_ticks || (ticks - unix_epoch_ticks) / 10'000'000 >= static_cast<std::uint64_t>(epoch_max_s))
        return {value_form::uuid, std::nullopt, 0};
    return {value_form::uuid, static_cast<std::int64_t>(ticks - unix_epoch_ticks) * 100, 100};
}

int base62_digit(char c) noexcept
{
    return is_digit(c) ? c - '0' : is_upper(c) ? c - 'A' + 10 : is_lower(c) ? c - 'a' + 36 : -1;
}

// The first 32 of the 160 bits that 27 digits make; nullopt when they make more.
std::optional<std::uint32_t> ksuid_time(std::string_view text) noexcept
{
    std::array<std::uint32_t, 5> bits{};
    for (const char c : text) {
        auto carry = static_cast<std::uint64_t>(base62_digit(c));
        for (std::size_t i = bits.size(); i-- > 0;) {
            carry += std::uint64_t{bits[i]} * 62;
            bits[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        if (carry != 0)
            return std::nullopt;
    }
    return bits[0];
}

// "2026-11-26 02:10:00,5+0100" and the like as RFC 3339 wants it.
std::string as_rfc3339(std::string_view text)
{
    constexpr std::size_t minute_chars = 16;
    std::string out(text.substr(0, minute_chars));
    text.remove_prefix(minute_chars);
    if (text.starts_with(':')) {
        out += text.substr(0, 3);
        text.remove_prefix(3);
    } else {
        out += ":00";
    }
    if (text.starts_with(',') || text.starts_with('.')) {
        out += '.';
        text.remove_prefix(1);
    }
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    out += text.substr(0, digits);
    text.remove_prefix(digits);
    if (text.empty())
        return out + "Z";
    const bool lacks_colon = text.size() == 5;
    return out + std::string(text.substr(0, 3)) + (lacks_colon ? ":" : "") +
           std::string(text.substr(std::min<std::size_t>(3, text.size())));
}

std::int64_t fraction_precision_ns(std::string_view text) noexcept
{
    const auto point = text.find_first_of(".,");
    std::int64_t precision_ns = ns_per_s;
    for (std::size_t at = point + 1; point != std::string_view::npos && at < text.size() && is_digit(text[at]); ++at)
        precision_ns = std::max<std::int64_t>(precision_ns / 10, 1);
    return precision_ns;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
found_look find_http_date(std::string_view text)
{
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::size_t chars = 29;
    if (text.size() != chars || text.substr(3, 2) != ", " || !text.ends_with(" GMT"))
        return std::nullopt;
    const auto month = months.find(text.substr(8, 3));
    const auto day = find_number<unsigned>(text.substr(5, 2));
    const auto year = find_number<int>(text.substr(12, 4));
    const auto hour = find_number<int>(text.substr(17, 2));
    const auto minute = find_number<int>(text.substr(20, 2));
    const auto second = find_number<int>(text.substr(23, 2));
    if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
        return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month / 3 + 1)), std::chrono::day(*day)};
    const bool is_time = *hour >= 0 && *hour < 24 && *minute >= 0 && *minute < 60 && *second >= 0 && *second <= 60;
    if (!date.ok() || !is_time || *year < 1970 || *year >= 2200)
        return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return look_at_s(value_form::date_time, days * 86'400 + *hour * 3600 + *minute * 60 + *second);
}

// The claim as seconds; some issuers write a fraction.
std::optional<std::int64_t> find_claim_s(const json::object& claims, std::string_view name)
{
    const json::value* value = claims.if_contains(name);
    if (value == nullptr || !value->is_number())
        return std::nullopt;
    boost::system::error_code bad;
    const double time_s = value->to_number<double>(bad);
    if (bad || !(time_s >= 0 && time_s < static_cast<double>(epoch_max_s)))
        return std::nullopt;
    return static_cast<std::int64_t>(time_s);
}

std::uint64_t distance(std::int64_t left, std::int64_t right) noexcept
{
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    return left < right ? b - a : a - b;
}

// The snowflake of a service that counts from `epoch_ms`.
value_look look_at_snowflake(std::uint64_t number, std::uint64_t epoch_ms)
{
    return look_at_ms(value_form::snowflake, (number >> 22) + epoch_ms);
}

// "1700000000.123"
found_look find_epoch_with_fraction(std::string_view text)
{
    const auto point = text.find('.');
    const auto whole = find_number<std::int64_t>(text.substr(0, point));
    if (point != 10 || !whole || !is_plausible_s(*whole) || !are_all_digits(text.substr(point + 1)))
        return std::nullopt;
    std::int64_t time_ns = *whole * ns_per_s;
    std::int64_t unit_ns = ns_per_s;
    for (const char c : text.substr(point + 1, 9))
        time_ns += (c - '0') * (unit_ns /= 10);
    return value_look{value_form::epoch_s, time_ns, unit_ns};
}

}  // namespace

found_look find_uuid(std::string_view text)
{
    if (text.starts_with("urn:uuid:"))
        text.remove_prefix(9);
    if (text.size() == 38 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, 36);
    if (text.size() != 36 || match_uuid(text) != text.size())
        return std::nullopt;
    const std::uint64_t low = hex_number(text.substr(0, 8));
    const std::uint64_t mid = hex_number(text.substr(9, 4));
    const std::uint64_t high = hex_number(text.substr(15, 3));
    switch (text[14]) {
    case '1': return look_at_gregorian(high << 48 | mid << 32 | low);
    case '6': return look_at_gregorian(low << 28 | mid << 12 | high);
    case '7': return look_at_ms(value_form::uuid_v7, low << 16 | mid);
    default: return value_look{value_form::uuid, std::nullopt, 0};
    }
}

found_look find_ulid(std::string_view text)
{
    std::string upper(text.substr(0, 27));
    std::transform(upper.begin(), upper.end(), upper.begin(), to_upper);
    const bool has_digit = std::any_of(text.begin(), text.end(), is_digit);
    const auto time_ms = find_ulid_time_ms(upper);
    if (!time_ms || !has_digit || are_all_digits(text))
        return std::nullopt;
    return look_at_ms(value_form::ulid, *time_ms);
}

found_look find_ksuid(std::string_view text)
{
    constexpr std::size_t chars = 27;
    constexpr std::int64_t epoch_s = 1'400'000'000;
    const bool mixed = std::any_of(text.begin(), text.end(), is_upper) &&
                       std::any_of(text.begin(), text.end(), is_lower) &&
                       std::any_of(text.begin(), text.end(), is_digit);
    if (text.size() != chars || !mixed || !std::all_of(text.begin(), text.end(), is_alnum))
        return std::nullopt;
    const auto since_s = ksuid_time(text);
    if (!since_s || !is_plausible_s(epoch_s + *since_s))
        return std::nullopt;
    return look_at_s(value_form::ksuid, epoch_s + *since_s);
}

// 96 bits in 20 digits of base 32 (0-9, a-v): the last digit has one bit of its own.
found_look find_xid(std::string_view text)
{
    constexpr std::size_t chars = 20;
    constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
    if (text.size() != chars || (text.back() != '0' && text.back() != 'g') || are_all_digits(text) ||
        text.find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    std::uint64_t bits = 0;  // The first 35.
    for (const char c : text.substr(0, 7))
        bits = bits << 5 | alphabet.find(c);
    const auto time_s = static_cast<std::int64_t>(bits >> 3);
    if (!is_plausible_s(time_s))
        return std::nullopt;
    return look_at_s(value_form::xid, time_s);
}

found_look find_object_id(std::string_view text)
{
    constexpr std::size_t chars = 24;
    if (text.size() != chars || !are_all_hex(text) || are_all_digits(text))
        return std::nullopt;
    const auto time_s = static_cast<std::int64_t>(hex_number(text.substr(0, 8)));
    if (!is_plausible_s(time_s))
        return std::nullopt;
    return look_at_s(value_form::object_id, time_s);
}

found_look find_trace_id(std::string_view text)
{
    const value_look found{value_form::trace_id, std::nullopt, 0};
    if (text.size() == 32 && are_all_hex(text) && !are_all_zero(text))
        return found;
    if (text.size() == 55 && text[2] == '-' && text[35] == '-' && text[52] == '-' && are_all_hex(text.substr(0, 2)) &&
        are_all_hex(text.substr(3, 32)) && are_all_hex(text.substr(36, 16)) && are_all_hex(text.substr(53)))
        return found;
    if (text.starts_with("Root="))
        text.remove_prefix(5);
    if (text.size() == 35 && text.starts_with("1-") && text[10] == '-' && are_all_hex(text.substr(2, 8)) &&
        are_all_hex(text.substr(11)))
        return look_at_s(value_form::trace_id, static_cast<std::int64_t>(hex_number(text.substr(2, 8))));
    return std::nullopt;
}

found_look find_jwt(std::string_view text)
{
    if (match_jwt(text) != text.size() || text.empty())
        return std::nullopt;
    value_look look{value_form::jwt, std::nullopt, 0};
    const auto begin = text.find('.') + 1;
    const auto claims_text = find_base64(text.substr(begin, text.find('.', begin) - begin));
    const auto claims = claims_text ? parse_json(*claims_text) : json::value();
    if (!claims || !claims->is_object())
        return look;
    for (const std::string_view name : {"iat", "nbf", "exp"}) {
        if (const auto time_s = find_claim_s(claims->get_object(), name))
            return look_at_s(value_form::jwt, *time_s);
    }
    return look;
}

found_look find_written_time(std::string_view text)
{
    constexpr std::size_t date_chars = 10;
    if (text.size() < date_chars)
        return std::nullopt;
    if (const found_look found = find_http_date(text))
        return found;
    if (match_timestamp(text) != text.size())
        return std::nullopt;
    const bool is_date = text.size() == date_chars;
    const auto time = parse_rfc3339(is_date ? std::string(text) + "T00:00:00Z" : as_rfc3339(text));
    if (!time)
        return std::nullopt;
    if (is_date)
        return value_look{value_form::date, *time, ns_per_day};
    return value_look{value_form::date_time, *time, fraction_precision_ns(text)};
}

found_look find_digits(std::string_view text, std::int64_t near_ns)
{
    constexpr std::uint64_t twitter_ms = 1'288'834'974'657;
    constexpr std::uint64_t discord_ms = 1'420'070'400'000;
    struct epoch_unit {
        std::size_t digits;
        value_form form;
        std::int64_t ns;
    };
    constexpr std::array<epoch_unit, 4> units = {{{10, value_form::epoch_s, ns_per_s},
                                                  {13, value_form::epoch_ms, ns_per_ms},
                                                  {16, value_form::epoch_us, ns_per_us},
                                                  {19, value_form::epoch_ns, 1}}};
    if (!are_all_digits(text))
        return find_epoch_with_fraction(text);
    const auto number = find_number<std::uint64_t>(text);
    if (!number || text.front() == '0')
        return std::nullopt;
    found_look nearest;
    const auto consider = [&](const value_look& reading) {
        if (reading.time_ns && (!nearest || distance(*reading.time_ns, near_ns) < distance(*nearest->time_ns, near_ns)))
            nearest = reading;
    };
    if (text.size() >= 17 && text.size() <= 19) {
        consider(look_at_snowflake(*number, twitter_ms));
        if (near_ns != 0)
            consider(look_at_snowflake(*number, discord_ms));
    }
    for (const epoch_unit& unit : units) {
        const bool fits = text.size() == unit.digits && !(near_ns == 0 && nearest);
        const auto per_s = static_cast<std::uint64_t>(ns_per_s / unit.ns);
        if (fits && is_plausible_s(static_cast<std::int64_t>(*number / per_s)))
            consider({unit.form, static_cast<std::int64_t>(*number) * unit.ns, unit.ns});
    }
    return nearest;
}

}  // namespace reprise::telemetry
