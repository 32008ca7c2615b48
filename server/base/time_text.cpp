#include "reprise/base/time_text.hpp"

#include "reprise/base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace reprise {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// The number that `Count` digits make, or -1. Without a branch per digit: every log record has a time.
template <std::size_t Count>
int digits_at(const char* at) noexcept
{
    unsigned value = 0;
    bool wrong = false;
    for (std::size_t i = 0; i < Count; ++i) {
        const unsigned digit = static_cast<unsigned char>(at[i]) - static_cast<unsigned>('0');
        wrong |= digit > 9;
        value = value * 10 + digit;
    }
    return wrong ? -1 : static_cast<int>(value);
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

bool parse_offset(std::string_view text, std::int64_t& offset_s)
{
    offset_s = 0;
    if (text == "Z" || text == "z")
        return true;
    constexpr std::size_t offset_chars = 6;  // +hh:mm
    if (text.size() != offset_chars || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    const int hours = digits_at<2>(text.data() + 1);
    const int minutes = digits_at<2>(text.data() + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    offset_s = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
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
    constexpr std::size_t second_chars = 19;  // YYYY-MM-DDThh:mm:ss
    if (text.size() <= second_chars)
        return errc::invalid_argument;
    const char* const at = text.data();
    const int year = digits_at<4>(at);
    const int month = digits_at<2>(at + 5);
    const int day = digits_at<2>(at + 8);
    const int hour = digits_at<2>(at + 11);
    const int minute = digits_at<2>(at + 14);
    const int second = digits_at<2>(at + 17);
    const bool has_digits = (year | month | day | hour | minute | second) >= 0;
    const bool has_signs = at[4] == '-' && at[7] == '-' && at[13] == ':' && at[16] == ':' &&
                           (at[10] == 'T' || at[10] == 't' || at[10] == ' ');
    if (!has_digits || !has_signs)
        return errc::invalid_argument;
    text.remove_prefix(second_chars);

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
