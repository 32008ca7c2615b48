#include "metric_buckets.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reprise::telemetry {
namespace {

constexpr std::int32_t zero_index = std::numeric_limits<std::int32_t>::min();

std::int64_t to_ns(double value, double unit_ns) noexcept
{
    const double ns = value * unit_ns;
    if (!(ns > 0))
        return 0;
    return ns < static_cast<double>(bucket_ns_max) ? std::llround(ns) : bucket_ns_max;
}

// min and max of a delta are those of these very calls; of a cumulative point, those of all since its start.
bool has_own_range(const metric_head& metric) noexcept
{
    return metric.temporality == temporality_delta;
}

void clip(model::duration_bucket& bucket, const metric_point& point, double unit_ns) noexcept
{
    if (point.min)
        bucket.low_ns = std::max(bucket.low_ns, to_ns(*point.min, unit_ns));
    if (point.max)
        bucket.high_ns = std::min(bucket.high_ns, to_ns(*point.max, unit_ns));
    // A sender whose range and buckets disagree is believed about the buckets.
    bucket.high_ns = std::max(bucket.high_ns, bucket.low_ns);
}

bool append_explicit(
    const metric_head& metric, const metric_point& point, double unit_ns, std::vector<model::duration_bucket>& into
)
{
    const std::size_t bounds = point.bounds.size();
    for (std::size_t i = 0; i < point.counts.size(); ++i) {
        if (point.counts[i] == 0)
            continue;
        if (i < bounds && point.bounds[i] < 0)
            return false;
        model::duration_bucket bucket;
        bucket.calls = point.counts[i];
        bucket.index = static_cast<std::int32_t>(i);
        bucket.low_ns = i == 0 ? 0 : to_ns(point.bounds[i - 1], unit_ns);
        const bool is_open = i == bounds;
        if (!is_open)
            bucket.high_ns = to_ns(point.bounds[i], unit_ns);
        else
            bucket.high_ns = has_own_range(metric) && point.max ? bucket_ns_max : bucket.low_ns;
        if (has_own_range(metric))
            clip(bucket, point, unit_ns);
        into.push_back(bucket);
    }
    return true;
}

void append_scale(const metric_point& point, double unit_ns, std::vector<model::duration_bucket>& into)
{
    // The least index of all lies below every double, at each scale: its calls are zeros, too.
    const std::size_t first = point.offset == zero_index && !point.counts.empty() ? 1 : 0;
    const std::uint64_t zeros = point.zero_count + (first == 1 ? point.counts[0] : 0);
    if (zeros > 0)
        into.push_back({0, 0, zeros, zero_index});
    const double step = std::exp2(-point.scale);  // Of the exponent of 2, from one bucket to the next.
    for (std::size_t i = first; i < point.counts.size(); ++i) {
        if (point.counts[i] == 0)
            continue;
        const std::int64_t index = std::int64_t{point.offset} + static_cast<std::int64_t>(i);
        model::duration_bucket bucket;
        bucket.calls = point.counts[i];
        bucket.index = static_cast<std::int32_t>(index);
        bucket.low_ns = to_ns(std::exp2(static_cast<double>(index) * step), unit_ns);
        bucket.high_ns = to_ns(std::exp2(static_cast<double>(index + 1) * step), unit_ns);
        into.push_back(bucket);
    }
}

}  // namespace

bool append_buckets(
    const metric_head& metric, const metric_point& point, double unit_ns, std::vector<model::duration_bucket>& into
)
{
    if ((point.sum && *point.sum < 0) || (point.min && *point.min < 0))
        return false;
    if (metric.shape == metric_shape::histogram)
        return append_explicit(metric, point, unit_ns, into);
    const auto holds = [](std::uint64_t count) { return count > 0; };
    if (std::any_of(point.negative_counts.begin(), point.negative_counts.end(), holds))
        return false;
    append_scale(point, unit_ns, into);
    return true;
}

}  // namespace reprise::telemetry
