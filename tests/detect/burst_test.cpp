#include "reprise/detect/burst.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace reprise::detect {
namespace {

using test::make_call;

constexpr std::int64_t latency_ns = 20 * ns_per_ms;

call_interval call_at(std::int64_t start_ms, std::int64_t length_ms, bool throttled = false, std::uint32_t trace = 0)
{
    return {start_ms * ns_per_ms, (start_ms + length_ms) * ns_per_ms, throttled, trace};
}

// Two pages of 100 ids, listing takes no time; each page is fetched by `workers` at once, the second page begins
// when the first is done.
std::vector<call_interval> fetch_two_pages(std::int64_t workers)
{
    std::vector<call_interval> calls;
    std::int64_t page_start_ns = 0;
    for (int page = 0; page < 2; ++page) {
        for (std::int64_t message = 0; message < 100; ++message) {
            const std::int64_t start_ns = page_start_ns + message / workers * latency_ns;
            calls.push_back({start_ns, start_ns + latency_ns, false, 1});
        }
        page_start_ns += (100 + workers - 1) / workers * latency_ns;
    }
    return calls;
}

TEST(burst, unbounded_fetching_shows_100_in_flight_and_200_arrivals)
{
    const auto calls = fetch_two_pages(100);

    EXPECT_EQ(peak_in_flight(calls), 100U);
    EXPECT_EQ(max_arrivals(calls), 200U);
}

TEST(burst, a_pool_of_ten_shows_10_in_flight_and_30_arrivals)
{
    const auto calls = fetch_two_pages(10);

    EXPECT_EQ(peak_in_flight(calls), 10U);
    EXPECT_EQ(max_arrivals(calls), 30U);
}

TEST(burst, of_nothing_is_zero)
{
    EXPECT_EQ(peak_in_flight({}), 0U);
    EXPECT_EQ(max_arrivals({}), 0U);
    EXPECT_EQ(max_arrivals_of_one_trace({}), 0U);
    EXPECT_FALSE(find_error_interval({}));
}

TEST(burst, intervals_are_half_open)
{
    const std::vector<call_interval> back_to_back = {call_at(0, 50), call_at(50, 50)};

    EXPECT_EQ(peak_in_flight(back_to_back), 1U);
    EXPECT_EQ(max_arrivals(back_to_back), 1U);
    EXPECT_EQ(max_arrivals(back_to_back, 51 * ns_per_ms), 2U);
}

TEST(burst, a_call_without_length_is_still_in_flight_once)
{
    const std::vector<call_interval> instant = {call_at(5, 0), call_at(5, 0), call_at(6, 0)};

    EXPECT_EQ(peak_in_flight(instant), 2U);
}

TEST(burst, arrivals_of_one_trace_ignore_what_runs_beside_it)
{
    std::vector<call_interval> calls;
    for (std::uint32_t trace = 1; trace <= 4; ++trace) {
        for (std::int64_t at = 0; at < 10; ++at)
            calls.push_back(call_at(at, 5, false, trace));
    }

    EXPECT_EQ(max_arrivals(calls), 40U);
    EXPECT_EQ(max_arrivals_of_one_trace(calls), 10U);
}

TEST(burst, the_throttled_interval_of_the_mail_case_is_16_seconds)
{
    std::vector<call_interval> calls;
    for (std::int64_t index = 0; index < 165; ++index)
        calls.push_back(call_at(index * 9000, 20));
    for (std::int64_t index = 0; index < 28; ++index)
        calls.push_back(call_at(600'000 + index * 16'000 / 27, 20, true));

    const auto found = find_error_interval(calls);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->errors, 28U);
    EXPECT_EQ((found->last_ns - found->first_ns) / ns_per_s, 16);
    EXPECT_NEAR(found->share_of_all, 28.0 / 193, 1e-12);
    EXPECT_GT(found->calls, 28U);
}

TEST(burst, the_shortest_interval_may_leave_outliers_out)
{
    const std::vector<call_interval> calls = {
        call_at(0, 1, true), call_at(900, 1, true), call_at(905, 1), call_at(910, 1, true), call_at(5000, 1, true)
    };

    const auto two = find_error_interval(calls, 2);

    ASSERT_TRUE(two);
    EXPECT_EQ(two->first_ns, 900 * ns_per_ms);
    EXPECT_EQ(two->last_ns, 910 * ns_per_ms);
    EXPECT_EQ(two->calls, 3U);
    EXPECT_FALSE(find_error_interval(calls, 5));
}

TEST(arrival_ring, keeps_the_newest_256_while_nothing_is_throttled)
{
    arrival_ring ring;
    for (std::int64_t index = 0; index < 1000; ++index)
        ring.add(make_call(index * ns_per_s, latency_ns));

    auto calls = ring.intervals();
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });

    EXPECT_EQ(calls.size(), 256U);
    EXPECT_EQ(calls.front().start_ns, 744 * ns_per_s);
    EXPECT_TRUE(ring.truncated());
    EXPECT_LE(ring.memory_bytes(), 4096U);
}

TEST(arrival_ring, grows_from_the_first_throttled_answer_and_loses_none_of_what_it_held)
{
    arrival_ring ring;
    for (std::int64_t index = 0; index < 300; ++index)
        ring.add(make_call(index * ns_per_s, latency_ns));
    for (std::int64_t index = 300; index < 9000; ++index)
        ring.add(make_call(index * ns_per_s, latency_ns, model::outcome::throttled));

    auto calls = ring.intervals();
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });

    EXPECT_EQ(calls.size(), arrival_ring::calls_max_throttled);
    EXPECT_EQ(calls.back().start_ns, 8999 * ns_per_s);
    EXPECT_EQ(calls.front().start_ns, (9000 - 8192) * ns_per_s);
    EXPECT_EQ(ring.summarise().calls, 9000U);
    EXPECT_EQ(ring.summarise().calls_kept, 8192U);
}

TEST(arrival_ring, keeps_the_older_calls_in_order_when_it_grows)
{
    arrival_ring ring;
    for (std::int64_t index = 0; index < 300; ++index)
        ring.add(make_call(index, latency_ns));
    ring.add(make_call(300, latency_ns, model::outcome::throttled));

    auto calls = ring.intervals();

    EXPECT_EQ(calls.size(), 257U);
    EXPECT_EQ(calls.front().start_ns, 44);
    EXPECT_TRUE(calls.back().throttled);
}

TEST(arrival_ring, summarises_the_two_page_fixture_with_its_traces)
{
    arrival_ring ring;
    for (std::uint64_t trace = 1; trace <= 2; ++trace) {
        for (const call_interval& call : fetch_two_pages(100))
            ring.add(make_call(call.start_ns, latency_ns, model::outcome::throttled, trace));
    }

    const burst_summary summary = ring.summarise();

    EXPECT_EQ(summary.peak_in_flight, 200U);
    EXPECT_EQ(summary.max_arrivals_50ms, 400U);
    EXPECT_EQ(summary.max_arrivals_50ms_of_one_trace, 200U);
    ASSERT_TRUE(summary.throttled);
    EXPECT_EQ(summary.throttled->errors, 400U);
}

TEST(arrival_ring, clearing_gives_back_what_throttling_had_added)
{
    arrival_ring ring;
    for (std::int64_t index = 0; index < 5000; ++index)
        ring.add(make_call(index, latency_ns, model::outcome::throttled));

    ring.clear();

    EXPECT_LE(ring.memory_bytes(), 4096U);
    EXPECT_EQ(ring.calls(), 0U);
    EXPECT_EQ(ring.summarise().peak_in_flight, 0U);
}

TEST(arrival_ring, survives_times_at_the_ends_of_the_range)
{
    arrival_ring ring;
    ring.add(make_call(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()));
    ring.add(make_call(std::numeric_limits<std::int64_t>::min(), -1));

    EXPECT_EQ(ring.summarise().peak_in_flight, 1U);
    EXPECT_EQ(ring.summarise().max_arrivals_50ms, 1U);
}

}  // namespace
}  // namespace reprise::detect
