#include "../../server/pipeline/metric_series.hpp"

#include "reprise/pipeline/shard.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace reprise::pipeline {
namespace {

using verdict = series_growth::verdict;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t begin_ns = 1'790'000'000 * second;  // When the sender began.

// A cumulative point of three buckets.
struct point {
    std::int64_t at_s = 0;  // After begin_ns.
    std::array<std::uint64_t, 3> counts{};
    std::uint64_t series = 7;
    std::int64_t start_ns = begin_ns;

    model::measured_calls calls() const
    {
        model::measured_calls made;
        made.cumulative = true;
        made.start_ns = start_ns;
        made.time_ns = begin_ns + at_s * second;
        made.calls = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
        made.stream = 1;
        made.series = series;
        return made;
    }
    std::vector<model::duration_bucket> buckets() const
    {
        std::vector<model::duration_bucket> made;
        for (std::int32_t i = 0; i < 3; ++i) {
            if (const std::uint64_t count = counts[static_cast<std::size_t>(i)]; count > 0)
                made.push_back({i * 10'000'000, (i + 1) * 10'000'000, count, i});
        }
        return made;
    }
};

class metric_series_test : public testing::Test {
protected:
    metric_series_limits limits;

    metric_series_test() { limits.since_ns = begin_ns + 1; }  // We came just after the sender.

    struct outcome {
        verdict what;
        std::uint64_t calls;
        std::vector<std::uint64_t> buckets;
    };
    outcome settle(const point& one)
    {
        const auto buckets = one.buckets();
        const series_growth growth = series().settle(one.calls(), buckets, begin_ns + one.at_s * second);
        outcome seen{growth.what, growth.calls, {}};
        for (const auto& bucket : growth.buckets)
            seen.buckets.push_back(bucket.calls);
        return seen;
    }
    metric_series& series()
    {
        if (!series_)
            series_.emplace(limits);
        return *series_;
    }

private:
    std::optional<metric_series> series_;
};

TEST_F(metric_series_test, the_first_point_sets_the_base_and_the_next_counts_what_it_grew_by)
{
    EXPECT_EQ(settle({.at_s = 60, .counts = {100, 50, 0}}).what, verdict::first);

    const auto grown = settle({.at_s = 120, .counts = {100, 53, 2}});
    EXPECT_EQ(grown.what, verdict::counted);
    EXPECT_EQ(grown.calls, 5U);
    EXPECT_EQ(grown.buckets, (std::vector<std::uint64_t>{3, 2}));

    EXPECT_EQ(settle({.at_s = 180, .counts = {100, 53, 2}}).calls, 0U);
}

TEST_F(metric_series_test, a_sender_that_began_after_us_is_counted_from_zero)
{
    limits.since_ns = begin_ns;
    const auto grown = settle({.at_s = 60, .counts = {4, 1, 0}});
    EXPECT_EQ(grown.what, verdict::counted);
    EXPECT_EQ(grown.calls, 5U);
}

TEST_F(metric_series_test, a_new_series_of_a_known_stream_is_counted_from_zero)
{
    settle({.at_s = 60, .counts = {100, 0, 0}});
    // In the same collection: known for as long as the other.
    EXPECT_EQ(settle({.at_s = 60, .counts = {9, 0, 0}, .series = 8}).what, verdict::first);

    const auto errors = settle({.at_s = 120, .counts = {0, 3, 0}, .series = 9});
    EXPECT_EQ(errors.what, verdict::counted);
    EXPECT_EQ(errors.calls, 3U);
}

TEST_F(metric_series_test, a_restart_is_a_new_start_time_and_counts_from_zero)
{
    settle({.at_s = 60, .counts = {100, 0, 0}});
    const auto again = settle({.at_s = 120, .counts = {2, 0, 0}, .start_ns = begin_ns + 90 * second});
    EXPECT_EQ(again.what, verdict::counted);
    EXPECT_EQ(again.calls, 2U);
}

TEST_F(metric_series_test, a_count_that_fell_without_a_new_start_time_is_a_restart_too)
{
    settle({.at_s = 60, .counts = {100, 20, 0}});
    const auto again = settle({.at_s = 120, .counts = {6, 0, 0}});
    EXPECT_EQ(again.calls, 6U);
    EXPECT_EQ(settle({.at_s = 180, .counts = {7, 0, 0}}).calls, 1U);
}

TEST_F(metric_series_test, duplicates_and_what_comes_out_of_order_count_nothing)
{
    settle({.at_s = 60, .counts = {10, 0, 0}});
    settle({.at_s = 120, .counts = {20, 0, 0}});
    EXPECT_EQ(settle({.at_s = 120, .counts = {20, 0, 0}}).what, verdict::stale);
    EXPECT_EQ(settle({.at_s = 60, .counts = {10, 0, 0}}).what, verdict::stale);
    EXPECT_EQ(settle({.at_s = 180, .counts = {21, 0, 0}}).calls, 1U);
}

TEST_F(metric_series_test, other_buckets_than_before_begin_anew)
{
    settle({.at_s = 60, .counts = {10, 5, 0}});
    // More calls in sum, but fewer in a bucket: nothing to compare with.
    EXPECT_EQ(settle({.at_s = 120, .counts = {4, 12, 0}}).what, verdict::first);
    EXPECT_EQ(settle({.at_s = 180, .counts = {5, 12, 0}}).calls, 1U);
}

TEST_F(metric_series_test, a_scale_that_falls_merges_buckets_in_pairs)
{
    model::measured_calls calls = point{.at_s = 60}.calls();
    calls.scale = 3;
    calls.calls = 9;
    const std::vector<model::duration_bucket> fine = {
        {0, 0, 1, INT32_MIN}, {8, 9, 2, -3}, {9, 10, 1, -2}, {10, 11, 5, 4}};
    series().settle(calls, fine, begin_ns);

    calls.scale = 2;
    calls.time_ns += second;
    calls.calls = 13;
    const std::vector<model::duration_bucket> coarse = {
        {0, 0, 1, INT32_MIN}, {8, 9, 3, -2}, {9, 10, 1, -1}, {10, 12, 6, 2}, {12, 14, 2, 3}};
    const series_growth grown = series().settle(calls, coarse, begin_ns);

    EXPECT_EQ(grown.what, verdict::counted);
    EXPECT_EQ(grown.calls, 4U);
    ASSERT_EQ(grown.buckets.size(), 3U);
    EXPECT_EQ(grown.buckets[0].index, -2);
    EXPECT_EQ(grown.buckets[0].calls, 1U);
    EXPECT_EQ(grown.buckets[1].calls, 1U);
    EXPECT_EQ(grown.buckets[2].calls, 2U);

    calls.scale = 5;
    calls.time_ns += second;
    EXPECT_EQ(series().settle(calls, coarse, begin_ns).what, verdict::first);
}

TEST_F(metric_series_test, a_delta_is_news_as_it_is)
{
    model::measured_calls calls = point{.at_s = 60, .counts = {3, 0, 0}}.calls();
    calls.cumulative = false;
    const auto buckets = point{.counts = {3, 0, 0}}.buckets();
    EXPECT_EQ(series().settle(calls, buckets, begin_ns).calls, 3U);
    EXPECT_EQ(series().settle(calls, buckets, begin_ns).calls, 3U);
    EXPECT_EQ(series().size(), 0U);
}

TEST_F(metric_series_test, beyond_the_limit_new_series_are_told_and_idle_ones_make_room)
{
    limits.series_max = 2;
    settle({.at_s = 60, .counts = {1, 0, 0}, .series = 1});
    settle({.at_s = 60, .counts = {1, 0, 0}, .series = 2});
    EXPECT_EQ(settle({.at_s = 61, .counts = {1, 0, 0}, .series = 3}).what, verdict::overflow);
    EXPECT_EQ(series().size(), 2U);
    EXPECT_EQ(settle({.at_s = 62, .counts = {3, 0, 0}, .series = 1}).calls, 2U);

    EXPECT_NE(settle({.at_s = 3600, .counts = {1, 0, 0}, .series = 3}).what, verdict::overflow);
    EXPECT_EQ(series().size(), 1U);
}

TEST_F(metric_series_test, buckets_are_limited_in_sum)
{
    limits.buckets_max = 3;
    EXPECT_EQ(settle({.at_s = 60, .counts = {1, 1, 0}, .series = 1}).what, verdict::first);
    EXPECT_EQ(settle({.at_s = 60, .counts = {1, 1, 0}, .series = 2}).what, verdict::overflow);
    EXPECT_EQ(settle({.at_s = 60, .counts = {1, 0, 0}, .series = 3}).what, verdict::first);
    EXPECT_EQ(settle({.at_s = 61, .counts = {2, 2, 2}, .series = 1}).what, verdict::overflow);
    EXPECT_EQ(settle({.at_s = 62, .counts = {3, 1, 0}, .series = 1}).calls, 2U);
}

// One operation of source metric, as the decoder would say it.
model::observation_batch batch_of(std::uint64_t calls, model::outcome outcome, std::int64_t time_ns)
{
    model::observation_batch batch;
    batch.operations.push_back(
        {model::source::metric, model::operation_kind::server, "shop", "http", "GET", "/orders"}
    );
    model::measured_calls point;
    point.operation = model::operation_id(batch.operations[0]);
    batch.operation_ids.push_back(point.operation);
    point.outcome = outcome;
    point.status = outcome == model::outcome::ok ? 200 : 500;
    point.time_ns = time_ns;
    point.calls = calls;
    point.bucket_count = 1;
    batch.measured.push_back(point);
    batch.buckets.push_back({10'000'000, 20'000'000, calls, 1});
    return batch;
}

TEST(shard_of_metrics, counted_calls_fill_the_window_they_were_read_in)
{
    stream_limits limits;
    shard stream(limits);
    const std::int64_t window_ns = begin_ns - begin_ns % limits.window_ns;
    const auto mine = [](std::string_view) { return true; };
    // At the window's very end: of that window.
    const std::int64_t end_ns = window_ns + limits.window_ns;
    stream.add(batch_of(800, model::outcome::ok, end_ns), {}, end_ns, mine);
    stream.add(batch_of(200, model::outcome::server_error, end_ns), {}, end_ns, mine);

    const auto closed = stream.close_all();

    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].window.start_ns, window_ns);
    EXPECT_EQ(closed[0].records, 2U);
    ASSERT_EQ(closed[0].window.operations.size(), 1U);
    const detect::operation_summary& seen = closed[0].window.operations[0];
    EXPECT_EQ(seen.operation.source, model::source::metric);
    EXPECT_EQ(seen.requests, 1000U);
    EXPECT_EQ(seen.failing(), 200U);
    EXPECT_EQ(seen.status_classes[5], 200U);
    EXPECT_EQ(seen.durations.count(), 800U);
    EXPECT_NEAR(seen.durations.quantile(0.5), 15e6, 0.6e6);
    EXPECT_NEAR(seen.durations.quantile(0.95), 19.5e6, 0.6e6);
    EXPECT_FALSE(seen.burst);
}

TEST(shard_of_metrics, late_and_future_points_are_told)
{
    shard stream(stream_limits{});
    const auto mine = [](std::string_view) { return true; };
    stream.add(batch_of(1, model::outcome::ok, begin_ns), {}, begin_ns, mine);
    stream.close_all();
    stream.add(batch_of(1, model::outcome::ok, begin_ns - 120 * second), {}, begin_ns, mine);
    stream.add(batch_of(1, model::outcome::ok, begin_ns + 3600 * second), {}, begin_ns, mine);

    EXPECT_EQ(stream.losses().late, 1U);
    EXPECT_EQ(stream.losses().future, 1U);
}

}  // namespace
}  // namespace reprise::pipeline
