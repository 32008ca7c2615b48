#include "json_text.hpp"

#include "reprise/base/time_text.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>
#include <cstddef>
#include <utility>

namespace reprise::http {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Length of the well-formed sequence at `at`, 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(at);
    const unsigned second = byte(at + 1);
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return follows(at + 1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        // Overlong forms and surrogates.
        const bool in_range = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F);
        return in_range && follows(at + 1) && follows(at + 2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool in_range = !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
        return in_range && follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string clean_utf8(std::string text)
{
    std::size_t good = 0;
    while (good < text.size()) {
        const std::size_t length = sequence_length(text, good);
        if (length == 0)
            break;
        good += length;
    }
    if (good == text.size())
        return text;
    std::string out = text.substr(0, good);
    for (std::size_t at = good; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        if (length == 0)
            out += replacement;
        else
            out.append(text, at, length);
        at += length == 0 ? 1 : length;
    }
    return out;
}

std::string json_text(const boost::json::value& value)
{
    return clean_utf8(boost::json::serialize(value));
}

double finite(double value) noexcept
{
    return std::isfinite(value) ? value : 0.0;
}

boost::json::value time_value(std::int64_t time_ns)
{
    return boost::json::value(format_rfc3339(time_ns));
}

double to_ms(std::int64_t duration_ns) noexcept
{
    return static_cast<double>(duration_ns) / 1e6;
}

}  // namespace reprise::http
