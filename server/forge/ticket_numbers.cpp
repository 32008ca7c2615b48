#include "ticket_numbers.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace reprise::forge {
namespace {

constexpr double exact_max = 9e15;  // Above, a double is no whole number of anything any more.

std::string formatted(const char* format, double value)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

}  // namespace

std::string grouped(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string percent(double ratio)
{
    return std::isfinite(ratio) ? formatted("%.1f %%", ratio * 100) : "not a number";
}

std::string in_words(std::string name)
{
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string number_text(double value)
{
    if (!std::isfinite(value))
        return "not a number";
    if (value >= 0 && value < exact_max && value == std::floor(value))
        return grouped(static_cast<std::uint64_t>(value));
    return formatted(std::fabs(value) < 1 ? "%.3g" : "%.1f", value);
}

std::string value_text(double value, std::string_view unit)
{
    if (unit == "ratio")
        return percent(value);
    if (unit == "ns" && std::fabs(value) < exact_max)
        return format_duration(static_cast<std::int64_t>(value));
    return number_text(value);
}

std::string p_text(double p_value)
{
    if (!std::isfinite(p_value))
        return "not a number";
    return p_value < 1e-12 ? "< 1e-12" : formatted("%.2g", p_value);
}

}  // namespace reprise::forge
