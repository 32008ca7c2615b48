#include "metric_series.hpp"

#include "reprise/base/hash.hpp"

#include <limits>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t sweep_pause_ns = 60'000'000'000;
// Points of one collection carry times that differ by less.
constexpr std::int64_t collection_ns_max = 500'000'000;
constexpr std::int32_t zero_index = std::numeric_limits<std::int32_t>::min();

std::uint64_t key_of(std::uint64_t hash, std::int64_t start_ns) noexcept
{
    return mix64(hash ^ mix64(static_cast<std::uint64_t>(start_ns)));
}

// The buckets of a scale as a coarser one has them.
void coarsen(std::vector<model::duration_bucket>& buckets, std::int32_t scales)
{
    std::size_t kept = 0;
    for (model::duration_bucket& one : buckets) {
        if (one.index != zero_index)
            one.index = scales < 31 ? one.index >> scales : (one.index < 0 ? -1 : 0);
        if (kept > 0 && buckets[kept - 1].index == one.index)
            buckets[kept - 1].calls += one.calls;
        else
            buckets[kept++] = one;
    }
    buckets.resize(kept);
}

// What `now` holds beyond `before`, or false when they cannot be of one series.
bool subtract(
    std::span<const model::duration_bucket> now, std::span<const model::duration_bucket> before, bool same_scale,
    std::vector<model::duration_bucket>& growth
)
{
    growth.clear();
    std::size_t at = 0;
    for (const model::duration_bucket& one : now) {
        model::duration_bucket more = one;
        if (at < before.size() && before[at].index < one.index)
            return false;
        if (at < before.size() && before[at].index == one.index) {
            const bool moved = same_scale && before[at].low_ns != one.low_ns;
            if (moved || before[at].calls > one.calls)
                return false;
            more.calls -= before[at++].calls;
        }
        if (more.calls > 0)
            growth.push_back(more);
    }
    return at == before.size();
}

}  // namespace

series_growth metric_series::settle(
    const model::measured_calls& point, std::span<const model::duration_bucket> buckets, std::int64_t now_ns
)
{
    using verdict = series_growth::verdict;
    if (!point.cumulative)
        return {verdict::counted, point.calls, buckets};

    const std::uint64_t key = key_of(point.series, point.start_ns);
    const auto found = series_.find(key);
    if (found == series_.end()) {
        if (!has_room(buckets.size(), now_ns))
            return {verdict::overflow, 0, {}};
        const bool joined = joined_later(point, now_ns);
        const bool from_zero = joined || (point.start_ns > 0 && point.start_ns >= limits_.since_ns);
        keep(series_[key], point, buckets, now_ns);
        return from_zero ? series_growth{verdict::counted, point.calls, buckets} : series_growth{verdict::first, 0, {}};
    }
    entry& known = found->second;
    if (point.time_ns <= known.time_ns)
        return {verdict::stale, 0, {}};
    if (buckets.size() > known.buckets.size() && buckets_ + buckets.size() - known.buckets.size() > limits_.buckets_max)
        return {verdict::overflow, 0, {}};  // Counted with a later point, when there is room again.
    const series_growth growth = grow(known, point, buckets);
    keep(known, point, buckets, now_ns);
    return growth;
}

series_growth metric_series::grow(
    entry& known, const model::measured_calls& point, std::span<const model::duration_bucket> buckets
)
{
    using verdict = series_growth::verdict;
    if (point.calls < known.calls)
        return {verdict::counted, point.calls, buckets};  // Begun again without a new start time.
    const bool same_scale = point.scale == known.scale;
    if (point.scale < known.scale) {
        buckets_ -= known.buckets.size();
        coarsen(known.buckets, known.scale - point.scale);
        buckets_ += known.buckets.size();
    }
    if (point.scale > known.scale || !subtract(buckets, known.buckets, same_scale, growth_))
        return {verdict::first, 0, {}};  // Other buckets than before: nothing to compare with.
    return {verdict::counted, point.calls - known.calls, growth_};
}

void metric_series::keep(
    entry& known, const model::measured_calls& point, std::span<const model::duration_bucket> buckets,
    std::int64_t now_ns
)
{
    buckets_ += buckets.size() - known.buckets.size();
    known.time_ns = point.time_ns;
    known.seen_ns = now_ns;
    known.calls = point.calls;
    known.scale = point.scale;
    known.buckets.assign(buckets.begin(), buckets.end());
}

// Whether the stream of this new series was seen in an earlier collection, so that the series is really new.
bool metric_series::joined_later(const model::measured_calls& point, std::int64_t now_ns)
{
    const auto [at, added] = streams_.try_emplace(key_of(point.stream, point.start_ns));
    stream_entry& stream = at->second;
    stream.seen_ns = now_ns;
    if (added)
        stream.first_time_ns = point.time_ns;
    return point.time_ns > stream.first_time_ns + collection_ns_max;
}

bool metric_series::has_room(std::size_t buckets, std::int64_t now_ns)
{
    const auto fits = [&] {
        return series_.size() < limits_.series_max && streams_.size() < limits_.series_max &&
               buckets_ + buckets <= limits_.buckets_max;
    };
    if (!fits())
        forget_idle(now_ns);
    return fits();
}

void metric_series::forget_idle(std::int64_t now_ns)
{
    if (swept_ns_ != INT64_MIN && now_ns - swept_ns_ < sweep_pause_ns)
        return;
    swept_ns_ = now_ns;
    const std::int64_t seen_ns_min = now_ns - limits_.idle_ns_max;
    std::erase_if(series_, [&](const auto& one) {
        const bool idle = one.second.seen_ns < seen_ns_min;
        buckets_ -= idle ? one.second.buckets.size() : 0;
        return idle;
    });
    std::erase_if(streams_, [&](const auto& one) { return one.second.seen_ns < seen_ns_min; });
}

}  // namespace reprise::pipeline
