#include "../../server/ingest/log_plan.hpp"

#include <gtest/gtest.h>

namespace reprise::ingest {
namespace {

constexpr std::int64_t t0 = 1'700'000'000'000'000'000;

std::int64_t s(std::int64_t seconds)
{
    return t0 + seconds * ns_per_s;
}

const poll_timing timing;
constexpr std::size_t page = 100;

TEST(log_plan, the_first_round_looks_back_a_minute)
{
    const poll_window window = first_window(std::nullopt, std::nullopt, s(0), timing).value();
    EXPECT_EQ(window, (poll_window{s(-60), s(0)}));
}

TEST(log_plan, the_overlap_is_measured_from_the_position)
{
    const poll_window window = first_window(s(0), std::nullopt, s(30), timing).value();
    EXPECT_EQ(window, (poll_window{s(-15), s(30)}));
}

TEST(log_plan, an_outage_longer_than_the_lookback_loses_nothing)
{
    const std::int64_t hours = 3 * 3600;
    auto window = first_window(s(0), std::nullopt, s(hours), timing);
    ASSERT_TRUE(window);
    std::int64_t reached = window->from_ns;
    EXPECT_EQ(reached, s(-15));
    int questions = 0;
    while (window) {
        EXPECT_EQ(window->from_ns, reached);
        EXPECT_LE(window->to_ns - window->from_ns, timing.window_ns_max);
        reached = window->to_ns;
        const auto next = find_next_page(*window, {3, window->from_ns + 1}, page, s(hours), timing);
        window = next ? std::optional(next->window) : std::nullopt;
        ++questions;
    }
    EXPECT_EQ(reached, s(hours));
    EXPECT_EQ(questions, 4);
}

TEST(log_plan, a_full_page_goes_on_with_its_last_instant)
{
    const auto next = find_next_page({s(0), s(30)}, {page, s(10)}, page, s(30), timing).value();
    EXPECT_EQ(next.window, (poll_window{s(10), s(30)}));
    EXPECT_FALSE(next.skipped);
    EXPECT_FALSE(find_next_page({s(0), s(30)}, {page - 1, s(10)}, page, s(30), timing));
}

TEST(log_plan, more_events_in_one_instant_than_a_page_are_skipped_and_said)
{
    const auto next = find_next_page({s(10), s(30)}, {page, s(10)}, page, s(30), timing).value();
    EXPECT_EQ(next.window.from_ns, s(10) + 1);
    EXPECT_TRUE(next.skipped);
}

TEST(log_plan, a_round_that_stopped_goes_on_where_it_was)
{
    EXPECT_EQ(first_window(s(5), s(5), s(30), timing).value(), (poll_window{s(5), s(30)}));
}

TEST(log_plan, a_clock_that_went_back_asks_for_nothing)
{
    EXPECT_FALSE(first_window(s(100), std::nullopt, s(0), timing));
}

TEST(log_plan, the_position_stays_near_the_newest_event_and_never_far_behind)
{
    EXPECT_EQ(position_after(s(25), s(30), timing), s(25));
    EXPECT_EQ(position_after(s(-600), s(30), timing), s(-30));
    EXPECT_EQ(position_after(s(99), s(30), timing), s(30));
}

TEST(log_plan, failures_make_the_pause_longer_up_to_a_limit)
{
    EXPECT_EQ(pause_after(0, timing), 30 * ns_per_s);
    EXPECT_EQ(pause_after(1, timing), 30 * ns_per_s);
    EXPECT_EQ(pause_after(2, timing), 60 * ns_per_s);
    EXPECT_EQ(pause_after(4, timing), 240 * ns_per_s);
    EXPECT_EQ(pause_after(100'000, timing), 600 * ns_per_s);
}

}  // namespace
}  // namespace reprise::ingest
