#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

// When a notice is sent again: the schedule of the Standard Webhooks specification, a little over three days long.
namespace reprise::forge {

inline constexpr std::array<std::chrono::seconds, 10> delivery_delays = {
    std::chrono::seconds(0), std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
    std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),  std::chrono::hours(14),
    std::chrono::hours(20),  std::chrono::hours(24),
};
constexpr std::chrono::seconds asked_delay_max = std::chrono::hours(24);  // What a receiver may ask us to wait.
constexpr std::int64_t jitter_percent_max = 10;  // Of the delay, added; the same for the same delivery and rung.

// After attempt `rung` (1 is the first) of a delivery failed; nothing: it was the last. `asked_for` is what the
// receiver said in Retry-After; the later of both counts.
std::optional<std::int64_t> next_delivery_ns(
    std::string_view delivery_id, std::uint32_t rung, std::int64_t now_ns,
    std::optional<std::chrono::seconds> asked_for = std::nullopt
);

// Retry-After: seconds, or an HTTP date. Nothing when it is neither or lies in the past.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::int64_t now_ns);

}  // namespace reprise::forge
