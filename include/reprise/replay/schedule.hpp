#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/replay/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// When each captured request is due again. Pure, safe from any thread.
namespace reprise::replay {

enum class pace : std::uint8_t {
    recorded,  // With the gaps of the capture, divided by a factor.
    rate,      // Evenly, so many per second; requests do not wait for answers.
    closed,    // As fast as answers come: the next one is due when a place is free.
};

struct timing {
    replay::pace pace = replay::pace::recorded;
    double factor = 1;      // recorded: 2 is twice as fast.
    double per_second = 0;  // rate.

    bool operator==(const timing&) const = default;
};

constexpr double factor_min = 0.001;
constexpr double factor_max = 1000;
constexpr double per_second_min = 0.001;
constexpr double per_second_max = 100'000;
constexpr std::size_t sends_max = 1'000'000;
constexpr double due_seconds_max = 30.0 * 86'400;

// "recorded", "2x" or "0.5x" (recorded, so much faster), "rate:200" (per second), "max" (closed loop).
checked<timing> parse_timing(std::string_view text);
std::string to_text(const timing& value);

struct planned_send {
    std::uint32_t exchange = 0;  // Index into the exchanges.
    std::uint32_t round = 0;     // Counts from 0.
    std::int64_t due_ns = 0;     // After the start; 0 throughout for a closed loop.
};

// Every exchange once per round, in the order of their start (equal ones as given). With pace::recorded a round
// begins when the one before would have ended: after its last start and one average gap. Refuses with
// errc::nothing_to_replay when there is none, with errc::too_many beyond sends_max, with errc::bad_timing when the
// last would be due after due_seconds_max.
checked<std::vector<planned_send>> plan_sends(
    std::span<const model::exchange> exchanges, const timing& when, std::uint32_t rounds
);

}  // namespace reprise::replay
