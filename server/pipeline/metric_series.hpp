#pragma once

#include "reprise/model/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace reprise::pipeline {

struct metric_series_limits {
    std::size_t series_max = 50'000;
    std::size_t buckets_max = 500'000;                      // Of all series together; 32 bytes each.
    std::int64_t since_ns = INT64_MIN;                      // What began before this was partly counted elsewhere.
    std::int64_t idle_ns_max = 15LL * 60 * 1'000'000'000;   // A series this long unseen makes room when it is needed.
};

// Calls that are news. The buckets are valid until the next settle().
struct series_growth {
    enum class verdict : std::uint8_t {
        counted,   // `calls` of them, which may be none.
        first,     // The first of a cumulative series: from here on it is counted.
        stale,     // Not newer than what is known: a duplicate, or out of order.
        overflow,  // A new series, and no room for it.
    };
    verdict what = verdict::counted;
    std::uint64_t calls = 0;
    std::span<const model::duration_bucket> buckets;
};

// Remembers the last point of each cumulative series, so that counts since a start become counts since the last
// point. A series is known by its attributes and its start time, so that a restarted sender begins a new one. What
// began after since_ns, or joined a stream that was seen in an earlier collection, is counted from zero; the rest
// has been counted for an unknown time before we saw it, so that its first point only sets the base. Plain state,
// one caller at a time, bounded by its limits.
class metric_series {
public:
    explicit metric_series(const metric_series_limits& limits) : limits_(limits) {}

    // `buckets` are those of the point. `now_ns` is the time of arrival.
    series_growth settle(
        const model::measured_calls& point, std::span<const model::duration_bucket> buckets, std::int64_t now_ns
    );

    std::size_t size() const noexcept { return series_.size(); }

private:
    struct entry {
        std::int64_t time_ns = 0;
        std::int64_t seen_ns = 0;
        std::uint64_t calls = 0;
        std::int32_t scale = 0;
        std::vector<model::duration_bucket> buckets;
    };
    struct stream_entry {
        std::int64_t first_time_ns = 0;
        std::int64_t seen_ns = 0;
    };

    bool has_room(std::size_t buckets, std::int64_t now_ns);
    void forget_idle(std::int64_t now_ns);
    bool joined_later(const model::measured_calls& point, std::int64_t now_ns);
    void keep(
        entry& known, const model::measured_calls& point, std::span<const model::duration_bucket> buckets,
        std::int64_t now_ns
    );
    series_growth grow(
        entry& known, const model::measured_calls& point, std::span<const model::duration_bucket> buckets
    );

    metric_series_limits limits_;
    std::unordered_map<std::uint64_t, entry> series_;
    std::unordered_map<std::uint64_t, stream_entry> streams_;
    std::size_t buckets_ = 0;
    std::int64_t swept_ns_ = INT64_MIN;
    std::vector<model::duration_bucket> growth_;
};

}  // namespace reprise::pipeline
