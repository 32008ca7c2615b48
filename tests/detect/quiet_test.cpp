#include "builders.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace reprise::detect {
namespace {

using test::dice;
using test::operation_story;

struct quiet_day {
    std::string name;
    double requests;      // Per window, Poisson.
    double sigma;         // Lognormal durations.
    double slow_share;    // Of answers that take eight times as long.
    double drift;         // Standard deviation of an AR(0.7) factor on durations.
    double error_rate;
    int days;
};

std::uint64_t count_alarms(const quiet_day& day, std::uint64_t seed)
{
    dice random(seed);
    operation_story story(test::make_operation(model::operation_kind::server, "GET", "/quiet"));
    std::uint64_t alarms = 0;
    double drift = 0;
    std::uint64_t trace = 0;
    for (int window = 0; window < day.days * 1440; ++window) {
        drift = 0.7 * drift + std::sqrt(1 - 0.49) * day.drift * random.normal();
        const std::uint32_t count = random.poisson(day.requests);
        for (std::uint32_t index = 0; index < count; ++index) {
            const double slow = random.uniform() < day.slow_share ? 8 : 1;
            const auto outcome = random.uniform() < day.error_rate ? model::outcome::server_error : model::outcome::ok;
            const std::int64_t duration_ns = random.lognormal_ns(20 * slow * std::exp(drift), day.sigma);
            story.add(test::make_call(story.now_ns() + index * ns_per_ms, duration_ns, outcome, ++trace));
        }
        alarms += story.close().signals.size();
    }
    return alarms;
}

class quiet_table : public testing::TestWithParam<quiet_day> {};

TEST_P(quiet_table, raises_no_alarm)
{
    EXPECT_EQ(count_alarms(GetParam(), 4711), 0U);
}

// 24 endpoint-days.
INSTANTIATE_TEST_SUITE_P(
    cases, quiet_table,
    testing::Values(
        quiet_day{"five_a_window", 5, 0.5, 0, 0, 0.01, 4}, quiet_day{"five_a_window_wide", 5, 1.0, 0.05, 0.05, 0.03, 4},
        quiet_day{"twenty_a_window", 20, 0.5, 0, 0.05, 0.01, 4},
        quiet_day{"twenty_a_window_wide", 20, 1.0, 0, 0, 0.001, 3},
        quiet_day{"twenty_a_window_slow_mode", 20, 0.5, 0.05, 0.05, 0.03, 3},
        quiet_day{"fifty_a_window", 50, 1.0, 0, 0.05, 0.01, 2},
        quiet_day{"fifty_a_window_slow_mode", 50, 0.5, 0.05, 0, 0.03, 2},
        quiet_day{"two_hundred_a_window", 200, 0.5, 0, 0.05, 0.01, 1},
        quiet_day{"two_hundred_a_window_slow_mode", 200, 0.5, 0.05, 0.05, 0.03, 1}
    ),
    [](const auto& param) { return param.param.name; }
);

struct fault {
    std::string name;
    double requests;
    double error_rate;  // Normal is 1 %.
    double slower;
    int windows_allowed;
};

class fault_table : public testing::TestWithParam<fault> {};

TEST_P(fault_table, is_found_every_time)
{
    constexpr int trials = 20;
    int found = 0;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        dice random(1000 + trial);
        operation_story story(test::make_operation(model::operation_kind::server, "GET", "/faulty"));
        bool seen = false;
        for (int window = 0; window < 60 + GetParam().windows_allowed; ++window) {
            const bool faulty = window >= 60;
            const std::uint32_t count = random.poisson(GetParam().requests);
            for (std::uint32_t index = 0; index < count; ++index) {
                const double rate = faulty ? GetParam().error_rate : 0.01;
                const auto outcome = random.uniform() < rate ? model::outcome::server_error : model::outcome::ok;
                const std::int64_t duration_ns = random.lognormal_ns(faulty ? 20 * GetParam().slower : 20, 0.5);
                story.add(test::make_call(story.now_ns() + index, duration_ns, outcome, index + 1));
            }
            const bool signalled = !story.close().signals.empty();
            ASSERT_FALSE(signalled && !faulty) << "alarm before the fault";
            seen = seen || signalled;
        }
        found += seen ? 1 : 0;
    }

    EXPECT_EQ(found, trials);
}

INSTANTIATE_TEST_SUITE_P(
    cases, fault_table,
    testing::Values(
        fault{"errors_up_20_points_at_100", 100, 0.21, 1, 3}, fault{"errors_up_20_points_at_20", 20, 0.21, 1, 6},
        fault{"errors_up_5_points_at_500", 500, 0.06, 1, 3}, fault{"all_fail_at_20", 20, 1, 1, 1},
        fault{"twice_as_slow_at_20", 20, 0.01, 2, 10}, fault{"three_times_as_slow_at_20", 20, 0.01, 3, 5},
        fault{"twice_as_slow_at_200", 200, 0.01, 2, 1}, fault{"half_slower_at_200", 200, 0.01, 1.5, 5}
    ),
    [](const auto& param) { return param.param.name; }
);

}  // namespace
}  // namespace reprise::detect
