#pragma once

#include "reprise/model/deployment.hpp"
#include "reprise/model/run.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// When work that nobody asked for waits for a person: too much of it for one incident, too much in an hour, or a storm
// of incidents with one cause. Runs that people asked for are never held. Pure functions; the counts are the store's.
namespace reprise::lifecycle {

constexpr std::int64_t incident_runs_window_ns = 24LL * 3600 * 1'000'000'000;
constexpr std::int64_t hour_runs_window_ns = 3600LL * 1'000'000'000;
// A deployment is a cause for what was first seen so long after it.
constexpr std::int64_t deployment_blamed_ns = 2LL * 3600 * 1'000'000'000;

struct breaker_limits {
    std::uint32_t incident_runs_max = 5;  // Of one kind for one incident within a day; 0: no limit.
    std::uint32_t hour_runs_max = 60;     // Of all kinds and incidents within an hour; 0: no limit.
    std::uint32_t storm_incidents = 3;    // The incident that makes it so many is held, and those after it; 0: none.
    std::int64_t storm_window_ns = 30LL * 60 * 1'000'000'000;
};

// What a problem may have in common with others. Two incidents have one cause when a key is the same.
struct problem_cause {
    std::string key;   // At most 80 bytes, whatever it is made from.
    std::string text;  // For people: "deployment checkout 2.4.1".
};

// The deployment that ran when the problem was first seen; none when it is older than deployment_blamed_ns.
std::optional<problem_cause> deployment_cause(const model::deployment& running, std::int64_t first_seen_ns);
// The normalised text of the error, in whatever service; none without one.
std::optional<problem_cause> message_cause(std::string_view message);
// The type of error (the kind of a signal, the error type of an alarm) in one service.
problem_cause error_cause(std::string_view service, std::string_view error_type);

// A cause and the incidents that had it within the storm's window, the new one too.
struct shared_cause {
    std::string text;
    std::vector<std::string> incidents;
};

struct breaker_counts {
    std::uint32_t incident_runs = 0;  // Counted runs of the kind for the incident within a day.
    std::uint32_t hour_runs = 0;      // All counted runs within an hour.
    std::vector<shared_cause> causes;
};

enum class hold_reason : std::uint8_t { incident_limit, hour_limit, storm };
inline constexpr std::array hold_reasons = {hold_reason::incident_limit, hold_reason::hour_limit, hold_reason::storm};

struct run_hold {
    hold_reason reason = hold_reason::storm;
    std::string why;  // One sentence with the numbers and the cause.
};

std::optional<run_hold> find_hold(const breaker_limits& limits, const breaker_counts& counts);

// A new run as the breakers leave it: paused when held, else queued and counted.
model::run admit_automatic(model::run run, const std::optional<run_hold>& hold);

std::string_view to_text(hold_reason value) noexcept;

}  // namespace reprise::lifecycle
