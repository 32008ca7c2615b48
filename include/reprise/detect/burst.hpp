#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/model/observation.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// How densely calls arrive. Two measures kept apart: how many are under way at once, and how many start within
// 50 ms; the second may be larger than the first. Pure functions over plain values.
namespace reprise::detect {

constexpr std::int64_t burst_width_ns = 50 * ns_per_ms;

struct call_interval {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;  // A call that ends when it starts counts as one nanosecond long.
    bool throttled = false;
    std::uint32_t trace = 0;  // A tag that tells traces apart, 0 for none.
};

// The most [start, end) that overlap. 0 for none.
std::uint32_t peak_in_flight(std::span<const call_interval> calls);

// The most starts in any half-open window of `width_ns`. 0 for none.
std::uint32_t max_arrivals(std::span<const call_interval> calls, std::int64_t width_ns = burst_width_ns);

// The same, counting only calls of one trace together, and taking the worst trace: what one inbound request
// does to a dependency, whatever else runs beside it. Calls without a trace are taken as one trace.
std::uint32_t max_arrivals_of_one_trace(std::span<const call_interval> calls, std::int64_t width_ns = burst_width_ns);

struct error_interval {
    std::int64_t first_ns = 0;  // Start of the first and the last throttled call inside.
    std::int64_t last_ns = 0;
    std::uint32_t errors = 0;
    std::uint32_t calls = 0;    // All calls that start inside, both ends included.
    double share_of_all = 0;    // errors / all calls given.
};

// The shortest interval that holds `errors_wanted` throttled calls (0: all of them), the earliest when several
// are equally short. Empty when there are fewer.
std::optional<error_interval> find_error_interval(
    std::span<const call_interval> calls, std::uint32_t errors_wanted = 0
);

struct burst_summary {
    std::uint32_t peak_in_flight = 0;
    std::uint32_t max_arrivals_50ms = 0;
    std::uint32_t max_arrivals_50ms_of_one_trace = 0;
    std::uint64_t calls = 0;              // All of the window, also those that were not kept.
    std::uint64_t calls_kept = 0;         // What the figures stand on; less than `calls` means truncated.
    std::optional<error_interval> throttled;
};

// The arrivals of one client operation in one window, bounded: the latest 256 that were not throttled and the
// latest 4,096 that were, by their start, whatever order they came in. 16 bytes per call; durations are kept in
// microseconds, rounded up. Not for several threads.
class arrival_sample {
public:
    static constexpr std::size_t passed_max = 256;
    static constexpr std::size_t throttled_max = 4096;

    void add(const model::observation& call);
    std::uint64_t calls() const noexcept { return calls_; }
    bool truncated() const noexcept { return calls_ > intervals().size(); }

    burst_summary summarise() const;
    // In no particular order.
    std::vector<call_interval> intervals() const;

    // Forgets the calls. Keeps the memory of those that passed, gives back that of the throttled.
    void clear();
    std::size_t memory_bytes() const noexcept;

private:
    struct entry {
        std::int64_t start_ns;
        std::uint32_t duration_us;
        std::uint32_t tag;  // Lowest bit: throttled; the others: trace.
        auto operator<=>(const entry&) const = default;
    };

    // The latest entries. Half as many again are taken before the oldest are let go of together.
    struct latest {
        std::vector<entry> entries;
        entry floor{INT64_MIN, 0, 0};  // What is below was let go of.

        void add(const entry& fresh, std::size_t count_max);
        void trim(std::size_t count_max);
    };

    latest passed_;
    latest throttled_;
    std::uint64_t calls_ = 0;
};

}  // namespace reprise::detect
