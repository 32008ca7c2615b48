#include "reprise/replay/schedule.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <array>

namespace reprise::replay {
namespace {

std::vector<model::exchange> captured_at(std::initializer_list<int> starts_ms)
{
    std::vector<model::exchange> out;
    for (const int ms : starts_ms) {
        model::exchange one;
        one.start_ns = 1'700'000'000 * ns_per_s + ms * ns_per_ms;
        out.push_back(one);
    }
    return out;
}

std::vector<std::int64_t> due_ms(const std::vector<planned_send>& plan)
{
    std::vector<std::int64_t> out;
    for (const planned_send& one : plan)
        out.push_back(one.due_ns / ns_per_ms);
    return out;
}

std::vector<std::int64_t> planned_ms(
    std::initializer_list<int> starts_ms, std::string_view timing, std::uint32_t rounds
)
{
    return due_ms(plan_sends(captured_at(starts_ms), parse_timing(timing).value(), rounds).value());
}

using milliseconds = std::vector<std::int64_t>;

TEST(schedule, recorded_gaps_are_kept_from_the_first_request_on)
{
    EXPECT_EQ(planned_ms({100, 130, 400}, "recorded", 1), (milliseconds{0, 30, 300}));
}

TEST(schedule, a_factor_shortens_or_stretches_them)
{
    EXPECT_EQ(planned_ms({0, 30, 300}, "2x", 1), (milliseconds{0, 15, 150}));
    EXPECT_EQ(planned_ms({0, 30, 300}, "0.5x", 1), (milliseconds{0, 60, 600}));
}

TEST(schedule, what_was_captured_out_of_order_is_sent_in_order)
{
    const auto plan = plan_sends(captured_at({300, 0, 30}), {}, 1).value();

    EXPECT_EQ(due_ms(plan), (milliseconds{0, 30, 300}));
    EXPECT_EQ(plan[0].exchange, 1U);
    EXPECT_EQ(plan[1].exchange, 2U);
    EXPECT_EQ(plan[2].exchange, 0U);
}

TEST(schedule, a_round_follows_one_average_gap_after_the_last)
{
    EXPECT_EQ(planned_ms({0, 100, 200}, "recorded", 2), (milliseconds{0, 100, 200, 300, 400, 500}));
    EXPECT_EQ(planned_ms({5}, "recorded", 3), (milliseconds{0, 1, 2}));
}

TEST(schedule, a_rate_spaces_them_evenly_whatever_was_captured)
{
    EXPECT_EQ(planned_ms({0, 1, 900}, "rate:100", 2), (milliseconds{0, 10, 20, 30, 40, 50}));
}

TEST(schedule, a_rate_does_not_drift_over_a_long_plan)
{
    const auto plan = plan_sends(captured_at({0, 1, 2}), parse_timing("rate:3").value(), 100'000).value();

    EXPECT_EQ(plan.back().due_ns, (299'999 * ns_per_s + 1) / 3);
}

TEST(schedule, a_closed_loop_plans_no_times)
{
    EXPECT_EQ(planned_ms({0, 30, 300}, "max", 1), (milliseconds{0, 0, 0}));
}

TEST(schedule, timings_are_told_as_they_are_written)
{
    for (const char* text : {"recorded", "2x", "0.25x", "rate:200", "rate:0.5", "max"})
        EXPECT_EQ(to_text(parse_timing(text).value()), text);
    EXPECT_EQ(to_text(parse_timing("1x").value()), "recorded");
}

TEST(schedule, other_timings_are_refused_with_what_would_do)
{
    constexpr std::array texts = {
        "", "x", "fast", "0x", "-1x", "nanx", "infx", "1e9x", "rate:", "rate:0", "rate:1e6", "rate:5/s",
    };
    for (const char* text : texts) {
        const auto made = parse_timing(text);
        ASSERT_FALSE(made) << text;
        EXPECT_EQ(made.error().code, errc::bad_timing);
        EXPECT_NE(made.error().reason.find("use recorded, 2x"), std::string::npos) << made.error().reason;
    }
}

TEST(schedule, times_that_are_absurd_are_refused_and_do_not_overflow)
{
    auto exchanges = captured_at({0, 1});
    exchanges[0].start_ns = 0;
    const auto years = plan_sends(exchanges, {}, 1);
    exchanges[0].start_ns = INT64_MIN;
    exchanges[1].start_ns = INT64_MAX;
    const auto centuries = plan_sends(exchanges, parse_timing("0.001x").value(), 1'000);

    ASSERT_FALSE(years);
    EXPECT_EQ(years.error().code, errc::bad_timing);
    EXPECT_NE(years.error().reason.find("one of the captured times wrong?"), std::string::npos);
    EXPECT_FALSE(centuries);
    EXPECT_EQ(plan_sends(captured_at({1}), parse_timing("rate:0.001").value(), 2'593).error().code, errc::bad_timing);
    EXPECT_TRUE(plan_sends(exchanges, parse_timing("max").value(), 3));
}

TEST(schedule, nothing_and_too_much_are_refused)
{
    EXPECT_EQ(plan_sends({}, {}, 1).error().code, errc::nothing_to_replay);
    EXPECT_EQ(plan_sends(captured_at({1}), {}, 0).error().code, errc::nothing_to_replay);
    EXPECT_EQ(plan_sends(captured_at({1, 2}), {}, 500'001).error().code, errc::too_many);
    EXPECT_TRUE(plan_sends(captured_at({1, 2}), {}, 500'000));
}

}  // namespace
}  // namespace reprise::replay
