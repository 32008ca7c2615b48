#include "log_plan.hpp"

#include <algorithm>

namespace reprise::ingest {

std::optional<poll_window> first_window(
    std::optional<std::int64_t> position_ns, std::optional<std::int64_t> resume_ns, std::int64_t now_ns,
    const poll_timing& timing
)
{
    std::int64_t from_ns = now_ns - timing.lookback_ns;
    if (position_ns)
        from_ns = *position_ns - timing.overlap_ns;
    if (resume_ns)
        from_ns = *resume_ns;
    if (from_ns >= now_ns)
        return std::nullopt;
    return poll_window{from_ns, std::min(now_ns, from_ns + timing.window_ns_max)};
}

std::optional<next_page> find_next_page(
    const poll_window& done, const page_sight& page, std::size_t page_events, std::int64_t now_ns,
    const poll_timing& timing
)
{
    next_page next;
    if (page.events >= page_events) {
        // Others of the same nanosecond may follow: ask for it again, what was seen is known by its id.
        next.skipped = page.last_ns <= done.from_ns;
        next.window.from_ns = next.skipped ? done.from_ns + 1 : page.last_ns;
    } else {
        next.window.from_ns = done.to_ns;
    }
    if (next.window.from_ns >= now_ns)
        return std::nullopt;
    next.window.to_ns = std::min(now_ns, next.window.from_ns + timing.window_ns_max);
    return next;
}

std::int64_t position_after(std::int64_t newest_ns, std::int64_t now_ns, const poll_timing& timing)
{
    return std::min(now_ns, std::max(newest_ns, now_ns - timing.lookback_ns));
}

std::int64_t pause_after(std::uint64_t failures, const poll_timing& timing)
{
    std::int64_t pause_ns = timing.interval_ns;
    for (std::uint64_t i = 1; i < failures && pause_ns < timing.backoff_ns_max; ++i)
        pause_ns *= 2;
    return std::min(pause_ns, std::max(timing.interval_ns, timing.backoff_ns_max));
}

}  // namespace reprise::ingest
