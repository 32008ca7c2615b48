#include "reprise/telemetry/metrics_decode.hpp"

#include "random_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

// What the decoder says about random requests, compared with a plain reading of the generated types: the
// same rules, written a second time over objects instead of bytes.
namespace reprise::telemetry {
namespace {

namespace proto = opentelemetry::proto::metrics::v1;

struct expected {
    std::uint64_t rejected = 0;
    std::uint64_t unused = 0;
    std::uint64_t used = 0;
    std::uint64_t calls = 0;
};

enum class verdict { rejected, unused, good };

template <class Point>
bool has_good_times(const Point& point)
{
    return point.time_unix_nano() != 0 && point.start_time_unix_nano() <= point.time_unix_nano();
}

verdict judge(const proto::NumberDataPoint& point, bool monotonic)
{
    if (!has_good_times(point))
        return verdict::rejected;
    if ((point.flags() & 1) != 0)
        return verdict::unused;
    const double value = point.has_as_int() ? static_cast<double>(point.as_int()) : point.as_double();
    const bool has_value = point.has_as_int() || point.has_as_double();
    return !has_value || std::isnan(value) || (monotonic && value < 0) ? verdict::rejected : verdict::unused;
}

verdict judge(const proto::SummaryDataPoint& point)
{
    return has_good_times(point) ? verdict::unused : verdict::rejected;
}

verdict judge(const histogram_point& point, bool meant)
{
    if (!has_good_times(point))
        return verdict::rejected;
    if ((point.flags() & 1) != 0)
        return verdict::unused;
    const auto& bounds = point.explicit_bounds();
    const auto& counts = point.bucket_counts();
    const bool rises = std::adjacent_find(bounds.begin(), bounds.end(), [](double a, double b) { return a >= b; }) ==
                       bounds.end();
    const bool empty = bounds.empty() && counts.empty();
    const auto sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const bool fits = empty || (counts.size() == bounds.size() + 1 && sum == point.count());
    if (!rises || !fits || std::isnan(point.min()) || (point.has_min() && point.min() > point.max()))
        return verdict::rejected;
    if (!meant)
        return verdict::unused;
    bool negative = point.sum() < 0;
    for (int i = 0; i < bounds.size(); ++i)
        negative = negative || (bounds[i] < 0 && counts[i] > 0);
    return negative ? verdict::rejected : verdict::good;
}

verdict judge(const exponential_point& point, bool meant)
{
    if (!has_good_times(point))
        return verdict::rejected;
    if ((point.flags() & 1) != 0)
        return verdict::unused;
    const auto& counts = point.positive().bucket_counts();
    const auto& negative = point.negative().bucket_counts();
    const auto sum = std::accumulate(counts.begin(), counts.end(), point.zero_count()) +
                     std::accumulate(negative.begin(), negative.end(), std::uint64_t{0});
    if (point.scale() > 20 || sum != point.count())
        return verdict::rejected;
    if (!meant)
        return verdict::unused;
    return negative.empty() ? verdict::good : verdict::rejected;
}

void add(expected& all, verdict one, std::uint64_t calls = 0)
{
    all.rejected += one == verdict::rejected ? 1U : 0U;
    all.unused += one == verdict::unused ? 1U : 0U;
    all.used += one == verdict::good ? 1U : 0U;
    all.calls += one == verdict::good ? calls : 0U;
}

void read(const metric_message& metric, expected& all)
{
    const bool named = !metric.name().empty();
    const bool meant = (metric.name().ends_with("duration")) && metric.unit() != "By";
    const auto strict = [&](bool summed, verdict one) { return named && summed ? one : verdict::rejected; };
    for (const auto& point : metric.gauge().data_points())
        add(all, strict(true, judge(point, false)));
    for (const auto& point : metric.summary().data_points())
        add(all, strict(true, judge(point)));
    for (const auto& point : metric.sum().data_points())
        add(all, strict(metric.sum().aggregation_temporality() != 0, judge(point, metric.sum().is_monotonic())));
    for (const auto& point : metric.histogram().data_points())
        add(all, strict(metric.histogram().aggregation_temporality() != 0, judge(point, meant)), point.count());
    for (const auto& point : metric.exponential_histogram().data_points()) {
        const bool summed = metric.exponential_histogram().aggregation_temporality() != 0;
        add(all, strict(summed, judge(point, meant)), point.count());
    }
}

expected read(const metrics_request& request)
{
    expected all;
    for (const auto& entry : request.resource_metrics()) {
        for (const auto& scope : entry.scope_metrics()) {
            for (const auto& metric : scope.metrics())
                read(metric, all);
        }
    }
    return all;
}

TEST(metrics_oracle, random_requests_mean_what_the_generated_types_say)
{
    random_metrics random(31);
    expected sum;
    for (int i = 0; i < 5000; ++i) {
        const metrics_request request = random.make();
        const expected want = read(request);
        const auto batch = decode_metrics(std::make_shared<const std::string>(request.SerializeAsString()));
        ASSERT_TRUE(batch) << to_text(batch.error());
        ASSERT_EQ(batch->rejected, want.rejected) << batch->rejected_reason << request.DebugString();
        ASSERT_EQ(batch->unused, want.unused) << request.DebugString();
        ASSERT_EQ(batch->measured.size(), want.used);
        std::uint64_t calls = 0;
        for (const model::measured_calls& one : batch->measured) {
            calls += one.calls;
            std::uint64_t in_buckets = 0;
            for (std::uint32_t at = 0; at < one.bucket_count; ++at) {
                const model::duration_bucket& bucket = batch->buckets.at(one.bucket_offset + at);
                ASSERT_LE(bucket.low_ns, bucket.high_ns);
                in_buckets += bucket.calls;
            }
            ASSERT_TRUE(one.bucket_count == 0 || in_buckets == one.calls);
        }
        ASSERT_EQ(calls, want.calls);
        sum.rejected += want.rejected;
        sum.unused += want.unused;
        sum.used += want.used;
    }
    EXPECT_GT(sum.rejected, 1000U);
    EXPECT_GT(sum.unused, 1000U);
    EXPECT_GT(sum.used, 1000U);
}

TEST(metrics_oracle, damaged_requests_are_refused_or_read_never_worse)
{
    std::mt19937_64 random(32);
    random_metrics requests(33);
    std::uint64_t refused = 0;
    std::uint64_t taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = requests.make().SerializeAsString();
        if (bytes.empty())
            continue;
        const std::size_t at = random() % bytes.size();
        if (random() % 4 == 0)
            bytes.resize(at);
        else
            bytes[at] = static_cast<char>(random());
        const std::size_t size = bytes.size();
        const auto batch = decode_metrics(std::make_shared<const std::string>(std::move(bytes)));
        if (!batch) {
            ++refused;
            ASSERT_LE(batch.error().offset, size);
            continue;
        }
        ++taken;
        for (const model::measured_calls& one : batch->measured) {
            ASSERT_LT(one.operation_index, batch->operations.size());
            ASSERT_LE(std::size_t{one.bucket_offset} + one.bucket_count, batch->buckets.size());
            ASSERT_GT(one.time_ns, 0);
        }
    }
    EXPECT_GT(refused, 2000U);
    EXPECT_GT(taken, 2000U);
}

}  // namespace
}  // namespace reprise::telemetry
