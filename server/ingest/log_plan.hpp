#pragma once

#include "reprise/ingest/log_poller.hpp"

#include <cstdint>
#include <optional>

// Which stretches of time a poller asks for. Pure: stepped by hand in the tests.
namespace reprise::ingest {

struct poll_window {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;  // Exclusive.

    friend bool operator==(const poll_window&, const poll_window&) = default;
};

// `position_ns`: everything before was seen; nothing: the first round ever. `resume_ns`: the round before stopped
// there. Empty when there is no time to ask for (a clock that went back).
std::optional<poll_window> first_window(
    std::optional<std::int64_t> position_ns, std::optional<std::int64_t> resume_ns, std::int64_t now_ns,
    const poll_timing& timing
);

// What one answer held.
struct page_sight {
    std::size_t events = 0;
    std::int64_t last_ns = 0;  // Of the newest; meaningless without events.
};

struct next_page {
    poll_window window;
    bool skipped = false;  // More events in one nanosecond than fit on a page: the rest of them is lost.
};

// The window to ask for after `done`; nothing once `now_ns` is reached.
std::optional<next_page> find_next_page(
    const poll_window& done, const page_sight& page, std::size_t page_events, std::int64_t now_ns,
    const poll_timing& timing
);

// Where a round that came to `now_ns` leaves the position: at the newest event, but not so near to now that events
// which arrive late would be missed, and not so far that a quiet log is read again and again.
std::int64_t position_after(std::int64_t newest_ns, std::int64_t now_ns, const poll_timing& timing);

// How long after a round the next begins.
std::int64_t pause_after(std::uint64_t failures, const poll_timing& timing);

}  // namespace reprise::ingest
