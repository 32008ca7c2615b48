#include "reprise/base/time_text.hpp"

#include "reprise/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace reprise {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

bool parse_digits(std::string_view& text, std::size_t count, int& value)
{
    if (text.size() < count)
        return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool skip(std::string_view& text, std::string_view one_of)
{
    if (text.empty() || one_of.find(text[0]) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

bool parse_fraction(std::string_view& text, std::int64_t& fraction_ns)
{
    fraction_ns = 0;
    if (text.empty() || text[0] != '.')
        return true;
    text.remove_prefix(1);
    std::int64_t unit = ns_per_s;
    std::size_t digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
        unit /= 10;
        fraction_ns += (text[0] - '0') * unit;  // Digits past the ninth weigh nothing.
    }
    return digits > 0;
}

bool parse_offset(std::string_view& text, std::int64_t& offset_s)
{
    offset_s = 0;
    if (skip(text, "Zz"))
        return text.empty();
    const bool negative = !text.empty() && text[0] == '-';
    int hours = 0;
    int minutes = 0;
    if (!skip(text, "+-") || !parse_digits(text, 2, hours) || !skip(text, ":") || !parse_digits(text, 2, minutes))
        return false;
    if (hours > 23 || minutes > 59 || !text.empty())
        return false;
    offset_s = (hours * 3600 + minutes * 60) * (negative ? -1 : 1);
    return true;
}

}  // namespace

std::string format_rfc3339(std::int64_t time_ns)
{
    // In milliseconds, rounded down: nanoseconds of the first day would overflow.
    const std::int64_t time_ms = time_ns / ns_per_ms - (time_ns % ns_per_ms < 0 ? 1 : 0);
    const std::chrono::milliseconds since_epoch(time_ms);
    const auto day = std::chrono::floor<days>(since_epoch);
    const std::chrono::year_month_day date{sys_days{day}};
    const std::int64_t ms = (since_epoch - day).count();

    std::array<char, 40> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(ms / 3'600'000),
        static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000)
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

result<std::int64_t> parse_rfc3339(std::string_view text)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!parse_digits(text, 4, year) || !skip(text, "-") || !parse_digits(text, 2, month) || !skip(text, "-") ||
        !parse_digits(text, 2, day) || !skip(text, "Tt ") || !parse_digits(text, 2, hour) || !skip(text, ":") ||
        !parse_digits(text, 2, minute) || !skip(text, ":") || !parse_digits(text, 2, second))
        return errc::invalid_argument;

    std::int64_t fraction_ns = 0;
    std::int64_t offset_s = 0;
    if (!parse_fraction(text, fraction_ns) || !parse_offset(text, offset_s))
        return errc::invalid_argument;

    const std::chrono::year_month_day date{
        std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60 || year < 1678 || year > 2261)
        return errc::invalid_argument;
    const std::int64_t seconds =
        std::chrono::duration_cast<std::chrono::seconds>(sys_days{date}.time_since_epoch()).count() + hour * 3600 +
        minute * 60 + second - offset_s;
    return seconds * ns_per_s + fraction_ns;
}

std::string format_duration(std::int64_t duration_ns)
{
    std::array<char, 48> text{};
    const auto value = static_cast<double>(duration_ns);
    int size = 0;
    if (duration_ns < ns_per_ms)
        size = std::snprintf(text.data(), text.size(), "%.0f us", value / 1e3);
    else if (duration_ns < 100 * ns_per_ms)
        size = std::snprintf(text.data(), text.size(), "%.1f ms", value / 1e6);
    else if (duration_ns < ns_per_s)
        size = std::snprintf(text.data(), text.size(), "%.0f ms", value / 1e6);
    else if (duration_ns < 60 * ns_per_s)
        size = std::snprintf(text.data(), text.size(), "%.1f s", value / 1e9);
    else
        size = std::snprintf(
            text.data(), text.size(), "%lld min %lld s", static_cast<long long>(duration_ns / (60 * ns_per_s)),
            static_cast<long long>(duration_ns / ns_per_s % 60)
        );
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace reprise
