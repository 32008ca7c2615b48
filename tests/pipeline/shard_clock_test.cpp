#include "reprise/pipeline/shard.hpp"

#include "support/traffic.hpp"

#include <gtest/gtest.h>

// When windows close, and what clocks that are wrong do to that.
namespace reprise::pipeline {
namespace {

using support::call;
using support::start_ns;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

void add(shard& to, const call& one, const moment& now)
{
    to.add(*support::to_batch(std::vector<call>{one}), {}, now, [](std::string_view) { return true; });
}

// The start of the default window that holds start_ns.
constexpr std::int64_t window_start = start_ns / minute * minute;

TEST(shard_clock, a_sender_whose_clock_is_ahead_ends_nobodys_window)
{
    shard stream{stream_limits{}};
    add(stream, {.start_ns = window_start + second}, window_start + second);
    for (const std::int64_t ahead : {299 * second, 20 * second, 200 * second})
        add(stream, {.start_ns = window_start + ahead}, window_start + 2 * second);
    add(stream, {.start_ns = window_start + hour}, window_start + 2 * second);
    EXPECT_TRUE(stream.close_due(window_start + 3 * second).empty());
    EXPECT_EQ(stream.losses().future, 1U);

    // The others go on undisturbed.
    add(stream, {.start_ns = window_start + 50 * second}, window_start + 50 * second);
    EXPECT_EQ(stream.losses().late, 0U);
    add(stream, {.start_ns = window_start + 70 * second}, window_start + 70 * second);
    const auto closed = stream.close_due(window_start + 70 * second);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].window.start_ns, window_start);
    EXPECT_EQ(closed[0].records, 3U);
}

TEST(shard_clock, records_from_ahead_wait_until_their_time_has_come)
{
    shard stream{stream_limits{}};
    add(stream, {.start_ns = window_start + 125 * second}, window_start);
    add(stream, {.start_ns = window_start + 126 * second}, window_start + 126 * second);
    EXPECT_TRUE(stream.close_due(window_start + 126 * second).empty());
    add(stream, {.start_ns = window_start + 190 * second}, window_start + 190 * second);
    const auto closed = stream.close_due(window_start + 190 * second);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].records, 2U);
}

TEST(shard_clock, with_short_windows_less_of_the_future_is_taken)
{
    stream_limits limits;
    limits.window_ns = second;
    shard stream(limits);
    add(stream, {.start_ns = start_ns}, start_ns);
    for (int ahead = 1; ahead < 60; ++ahead)
        add(stream, {.start_ns = start_ns + ahead * second}, start_ns);
    EXPECT_TRUE(stream.close_due(start_ns).empty());
    EXPECT_EQ(stream.losses().future, 54U);
}

TEST(shard_clock, a_wall_clock_that_jumps_ahead_makes_no_service_idle)
{
    shard stream{stream_limits{}};
    add(stream, {.start_ns = window_start}, {window_start, 0});
    add(stream, {.start_ns = window_start + second}, {window_start + hour, second});
    EXPECT_TRUE(stream.close_due({window_start + hour, 2 * second}).empty());
    // Silence is silence, however: the steady clock measures it.
    EXPECT_EQ(stream.close_due({window_start + hour, 6 * second}).size(), 1U);
}

TEST(shard_clock, silence_before_the_end_of_the_window_closes_nothing)
{
    shard stream{stream_limits{}};
    add(stream, {.start_ns = window_start}, window_start);
    EXPECT_TRUE(stream.close_due(window_start + 59 * second).empty());
    EXPECT_EQ(stream.close_due(window_start + 65 * second).size(), 1U);
}

TEST(shard_clock, input_of_long_ago_is_closed_by_its_own_time)
{
    shard stream{stream_limits{}};
    const moment now(window_start + 24 * hour);
    add(stream, {.start_ns = window_start}, now);
    add(stream, {.start_ns = window_start + 69 * second}, now);
    EXPECT_TRUE(stream.close_due(now).empty());
    add(stream, {.start_ns = window_start + 70 * second}, now);
    EXPECT_EQ(stream.close_due(now).size(), 1U);
}

TEST(shard_clock, a_window_more_than_may_be_open_closes_the_oldest)
{
    stream_limits limits;
    limits.open_windows_max = 3;
    limits.lateness_ns = hour;
    shard stream(limits);
    for (int window = 0; window < 4; ++window)
        add(stream, {.start_ns = window_start + window * minute}, window_start + window * minute);
    const auto closed = stream.close_due(window_start + 3 * minute);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].window.start_ns, window_start);
}

}  // namespace
}  // namespace reprise::pipeline
