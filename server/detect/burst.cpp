#include "reprise/detect/burst.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <tuple>

namespace reprise::detect {
namespace {

std::vector<std::int64_t> sorted_starts(std::span<const call_interval> calls)
{
    std::vector<std::int64_t> starts;
    starts.reserve(calls.size());
    for (const call_interval& call : calls)
        starts.push_back(call.start_ns);
    std::sort(starts.begin(), starts.end());
    return starts;
}

std::uint32_t most_within(std::span<const std::int64_t> sorted, std::int64_t width_ns)
{
    std::size_t most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < sorted.size(); ++last) {
        // Unsigned difference: the two may lie further apart than an int64 can say.
        while (static_cast<std::uint64_t>(sorted[last]) - static_cast<std::uint64_t>(sorted[first]) >=
               static_cast<std::uint64_t>(width_ns))
            ++first;
        most = std::max(most, last - first + 1);
    }
    return static_cast<std::uint32_t>(most);
}

std::int64_t end_of(std::int64_t start_ns, std::int64_t duration_ns) noexcept
{
    std::int64_t end_ns = 0;
    if (__builtin_add_overflow(start_ns, std::max<std::int64_t>(duration_ns, 1), &end_ns))
        return std::numeric_limits<std::int64_t>::max();
    return end_ns;
}

}  // namespace

std::uint32_t peak_in_flight(std::span<const call_interval> calls)
{
    std::vector<std::int64_t> ends;
    ends.reserve(calls.size());
    for (const call_interval& call : calls)
        ends.push_back(std::max(call.end_ns, end_of(call.start_ns, 1)));
    std::sort(ends.begin(), ends.end());
    const auto starts = sorted_starts(calls);

    std::size_t peak = 0;
    std::size_t ended = 0;
    for (std::size_t started = 0; started < starts.size(); ++started) {
        while (ended < ends.size() && ends[ended] <= starts[started])
            ++ended;
        peak = std::max(peak, started + 1 - ended);
    }
    return static_cast<std::uint32_t>(peak);
}

std::uint32_t max_arrivals(std::span<const call_interval> calls, std::int64_t width_ns)
{
    assert(width_ns > 0);
    return most_within(sorted_starts(calls), width_ns);
}

std::uint32_t max_arrivals_of_one_trace(std::span<const call_interval> calls, std::int64_t width_ns)
{
    assert(width_ns > 0);
    std::vector<std::pair<std::uint32_t, std::int64_t>> arrivals;
    arrivals.reserve(calls.size());
    for (const call_interval& call : calls)
        arrivals.emplace_back(call.trace, call.start_ns);
    std::sort(arrivals.begin(), arrivals.end());

    std::uint32_t most = 0;
    std::vector<std::int64_t> starts;
    for (std::size_t at = 0; at < arrivals.size();) {
        starts.clear();
        const std::uint32_t trace = arrivals[at].first;
        for (; at < arrivals.size() && arrivals[at].first == trace; ++at)
            starts.push_back(arrivals[at].second);
        most = std::max(most, most_within(starts, width_ns));
    }
    return most;
}

std::optional<error_interval> find_error_interval(std::span<const call_interval> calls, std::uint32_t errors_wanted)
{
    std::vector<std::int64_t> errors;
    for (const call_interval& call : calls) {
        if (call.throttled)
            errors.push_back(call.start_ns);
    }
    const std::size_t wanted = errors_wanted == 0 ? errors.size() : errors_wanted;
    if (errors.empty() || errors.size() < wanted)
        return std::nullopt;
    std::sort(errors.begin(), errors.end());

    std::size_t best = 0;
    const auto length = [&](std::size_t at) {
        return static_cast<std::uint64_t>(errors[at + wanted - 1]) - static_cast<std::uint64_t>(errors[at]);
    };
    for (std::size_t at = 1; at + wanted <= errors.size(); ++at) {
        if (length(at) < length(best))
            best = at;
    }
    error_interval found;
    found.first_ns = errors[best];
    found.last_ns = errors[best + wanted - 1];
    for (const call_interval& call : calls) {
        if (call.start_ns < found.first_ns || call.start_ns > found.last_ns)
            continue;
        ++found.calls;
        found.errors += call.throttled ? 1U : 0U;
    }
    found.share_of_all = static_cast<double>(found.errors) / static_cast<double>(calls.size());
    return found;
}

void arrival_sample::latest::trim(std::size_t count_max)
{
    if (entries.size() <= count_max)
        return;
    const auto last = entries.begin() + static_cast<std::ptrdiff_t>(count_max) - 1;
    std::nth_element(entries.begin(), last, entries.end(), std::greater<>());
    floor = *last;
    entries.resize(count_max);
}

void arrival_sample::latest::add(const entry& fresh, std::size_t count_max)
{
    if (fresh < floor)
        return;
    const std::size_t room = count_max + count_max / 2;
    if (entries.size() == entries.capacity() && entries.size() * 2 > room)
        entries.reserve(room);
    entries.push_back(fresh);
    if (entries.size() == room)
        trim(count_max);
}

void arrival_sample::add(const model::observation& call)
{
    ++calls_;
    const bool throttled = call.outcome == model::outcome::throttled;
    constexpr std::int64_t duration_us_max = std::numeric_limits<std::uint32_t>::max();
    const std::int64_t duration_us = std::max<std::int64_t>(call.duration_ns, 1) / ns_per_us +
                                     (call.duration_ns % ns_per_us != 0 || call.duration_ns <= 0 ? 1 : 0);
    // Never 0 for a real trace, so that calls without one stay together.
    const std::uint64_t trace = call.trace ? mix64(call.trace.high ^ mix64(call.trace.low)) | 2U : 0U;
    const entry fresh{
        call.start_ns, static_cast<std::uint32_t>(std::min(duration_us, duration_us_max)),
        (static_cast<std::uint32_t>(trace) & ~1U) | (throttled ? 1U : 0U)
    };
    if (throttled)
        throttled_.add(fresh, throttled_max);
    else
        passed_.add(fresh, passed_max);
}

std::vector<call_interval> arrival_sample::intervals() const
{
    latest passed = passed_;
    latest throttled = throttled_;
    passed.trim(passed_max);
    throttled.trim(throttled_max);
    std::vector<call_interval> calls;
    calls.reserve(passed.entries.size() + throttled.entries.size());
    for (const std::vector<entry>* kept : {&passed.entries, &throttled.entries}) {
        for (const entry& one : *kept) {
            const std::int64_t duration_ns = static_cast<std::int64_t>(one.duration_us) * ns_per_us;
            calls.push_back({one.start_ns, end_of(one.start_ns, duration_ns), (one.tag & 1U) != 0, one.tag >> 1});
        }
    }
    return calls;
}

burst_summary arrival_sample::summarise() const
{
    const auto calls = intervals();
    burst_summary summary;
    summary.peak_in_flight = peak_in_flight(calls);
    summary.max_arrivals_50ms = max_arrivals(calls);
    summary.max_arrivals_50ms_of_one_trace = max_arrivals_of_one_trace(calls);
    summary.calls = calls_;
    summary.calls_kept = calls.size();
    summary.throttled = find_error_interval(calls);
    return summary;
}

void arrival_sample::clear()
{
    passed_.entries.clear();
    passed_.floor = throttled_.floor = {INT64_MIN, 0, 0};
    throttled_.entries = std::vector<entry>();
    calls_ = 0;
}

std::size_t arrival_sample::memory_bytes() const noexcept
{
    return (passed_.entries.capacity() + throttled_.entries.capacity()) * sizeof(entry);
}

}  // namespace reprise::detect
