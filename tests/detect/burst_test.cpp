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

std::vector<std::int64_t> sorted_starts(const arrival_sample& sample)
{
    std::vector<std::int64_t> starts;
    for (const call_interval& call : sample.intervals())
        starts.push_back(call.start_ns);
    std::sort(starts.begin(), starts.end());
    return starts;
}

TEST(arrival_sample, keeps_the_latest_256_calls_that_passed)
{
    arrival_sample sample;
    for (std::int64_t index = 0; index < 1000; ++index)
        sample.add(make_call(index * ns_per_s, latency_ns));

    const auto starts = sorted_starts(sample);

    ASSERT_EQ(starts.size(), 256U);
    EXPECT_EQ(starts.front(), 744 * ns_per_s);
    EXPECT_EQ(starts.back(), 999 * ns_per_s);
    EXPECT_TRUE(sample.truncated());
    EXPECT_LE(sample.memory_bytes(), 6144U);
}

TEST(arrival_sample, keeps_the_latest_4096_throttled_calls_beside_those_that_passed)
{
    arrival_sample sample;
    for (std::int64_t index = 0; index < 300; ++index)
        sample.add(make_call(index * ns_per_s, latency_ns));
    for (std::int64_t index = 300; index < 9000; ++index)
        sample.add(make_call(index * ns_per_s, latency_ns, model::outcome::throttled));

    const auto starts = sorted_starts(sample);

    ASSERT_EQ(starts.size(), 256U + 4096U);
    EXPECT_EQ(starts.front(), 44 * ns_per_s);
    EXPECT_EQ(starts[256], (9000 - 4096) * ns_per_s);
    EXPECT_EQ(sample.summarise().calls, 9000U);
    EXPECT_EQ(sample.summarise().calls_kept, 256U + 4096U);
}

TEST(arrival_sample, the_order_of_arrival_does_not_matter_beyond_the_caps_either)
{
    std::vector<model::observation> calls;
    for (std::int64_t index = 0; index < 12'000; ++index) {
        const bool throttled = index % 3 != 0;
        const auto trace = static_cast<std::uint64_t>(index / 7 + 1);
        calls.push_back(make_call(
            index / 2 * ns_per_ms, latency_ns + index % 5 * ns_per_ms,
            throttled ? model::outcome::throttled : model::outcome::ok, trace
        ));
    }
    arrival_sample forward;
    for (const auto& call : calls)
        forward.add(call);
    // Every 7,919th, round and round: a fixed order that has nothing to do with time.
    arrival_sample scattered;
    for (std::size_t index = 0; index < calls.size(); ++index)
        scattered.add(calls[index * 7919 % calls.size()]);

    const burst_summary a = forward.summarise();
    const burst_summary b = scattered.summarise();

    EXPECT_EQ(sorted_starts(forward), sorted_starts(scattered));
    EXPECT_EQ(a.peak_in_flight, b.peak_in_flight);
    EXPECT_EQ(a.max_arrivals_50ms, b.max_arrivals_50ms);
    EXPECT_EQ(a.max_arrivals_50ms_of_one_trace, b.max_arrivals_50ms_of_one_trace);
    ASSERT_TRUE(a.throttled && b.throttled);
    EXPECT_EQ(a.throttled->first_ns, b.throttled->first_ns);
    EXPECT_EQ(a.throttled->calls, b.throttled->calls);
}

TEST(arrival_sample, summarises_the_two_page_fixture_with_its_traces)
{
    arrival_sample sample;
    for (std::uint64_t trace = 1; trace <= 2; ++trace) {
        for (const call_interval& call : fetch_two_pages(100))
            sample.add(make_call(call.start_ns, latency_ns, model::outcome::throttled, trace));
    }

    const burst_summary summary = sample.summarise();

    EXPECT_EQ(summary.peak_in_flight, 200U);
    EXPECT_EQ(summary.max_arrivals_50ms, 400U);
    EXPECT_EQ(summary.max_arrivals_50ms_of_one_trace, 200U);
    ASSERT_TRUE(summary.throttled);
    EXPECT_EQ(summary.throttled->errors, 400U);
}

TEST(arrival_sample, clearing_gives_back_what_throttling_had_added)
{
    arrival_sample sample;
    for (std::int64_t index = 0; index < 5000; ++index)
        sample.add(make_call(index, latency_ns, model::outcome::throttled));

    sample.clear();

    EXPECT_LE(sample.memory_bytes(), 6144U);
    EXPECT_EQ(sample.calls(), 0U);
    EXPECT_EQ(sample.summarise().peak_in_flight, 0U);
}

TEST(arrival_sample, survives_times_at_the_ends_of_the_range)
{
    arrival_sample sample;
    sample.add(make_call(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()));
    sample.add(make_call(std::numeric_limits<std::int64_t>::min(), -1));

    EXPECT_EQ(sample.summarise().peak_in_flight, 1U);
    EXPECT_EQ(sample.summarise().max_arrivals_50ms, 1U);
}

}  // namespace
}  // namespace reprise::detect
