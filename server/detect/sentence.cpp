#include "sentence.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace reprise::detect {
namespace {

std::string fixed_text(double value, int decimals)
{
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, std::clamp(value, -1e15, 1e15));
    return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::string count_text(std::uint64_t count)
{
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3; at -= 3)
        text.insert(at - 3, ",");
    return text;
}

std::string share_text(double share)
{
    const double percent = share * 100;
    if (percent <= 0)
        return "0 %";
    return fixed_text(percent, percent < 0.1 ? 3 : 1) + " %";
}

std::string share_of_text(double k, double n)
{
    return count_text(static_cast<std::uint64_t>(std::llround(k))) + " of " +
           count_text(static_cast<std::uint64_t>(std::llround(n)));
}

std::string clock_text(std::int64_t time_ns)
{
    const std::string text = format_rfc3339(time_ns);
    const auto separator = text.find('T');
    return separator == std::string::npos ? text : text.substr(separator + 1, 8);
}

std::string duration_text(double duration_ns)
{
    return format_duration(static_cast<std::int64_t>(std::clamp(duration_ns, 0.0, 9.2e18)));
}

std::string ratio_text(double ratio)
{
    return fixed_text(ratio, ratio < 100 ? 1 : 0);
}

std::string alpha_text(double alpha)
{
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.0e", alpha);
    std::string made(text.data(), static_cast<std::size_t>(size));
    if (const auto padded = made.find("e-0"); padded != std::string::npos)
        made.erase(padded + 2, 1);
    return made;
}

}  // namespace reprise::detect
