#include "reprise/forge/delivery_ladder.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace reprise::forge {
namespace {

constexpr std::size_t date_bytes_max = 64;

std::int64_t jitter_ns(std::string_view delivery_id, std::uint32_t rung, std::int64_t delay_ns)
{
    constexpr std::uint64_t steps = 10'000;
    const std::uint64_t step = hash64(delivery_id, rung) % steps;
    return delay_ns / 100 * jitter_percent_max / static_cast<std::int64_t>(steps) * static_cast<std::int64_t>(step);
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that is still sent.
std::optional<std::int64_t> find_http_date_s(std::string_view text)
{
    if (text.size() > date_bytes_max)
        return std::nullopt;
    std::tm parts{};
    const std::string whole(text);
    const char* const end = ::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0')
        return std::nullopt;
    return std::int64_t{::timegm(&parts)};
}

}  // namespace

std::optional<std::int64_t> next_delivery_ns(
    std::string_view delivery_id, std::uint32_t rung, std::int64_t now_ns,
    std::optional<std::chrono::seconds> asked_for
)
{
    if (rung >= delivery_delays.size())
        return std::nullopt;
    const std::int64_t delay_ns = delivery_delays[rung].count() * ns_per_s;
    const std::int64_t asked_ns = std::min(asked_for.value_or(std::chrono::seconds(0)), asked_delay_max).count() *
                                  ns_per_s;
    return now_ns + std::max(delay_ns + jitter_ns(delivery_id, rung, delay_ns), asked_ns);
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now_ns)
{
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec == std::errc() && end == text.data() + text.size())
        return seconds > 0 ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
    if (ec == std::errc::result_out_of_range && end == text.data() + text.size())
        return asked_delay_max;
    const auto date_s = find_http_date_s(text);
    if (!date_s || *date_s <= now_ns / ns_per_s)
        return std::nullopt;
    return std::chrono::seconds(*date_s - now_ns / ns_per_s);
}

}  // namespace reprise::forge
