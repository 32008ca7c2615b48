#pragma once

#include "log_event.hpp"

#include "reprise/ingest/log_poller.hpp"
#include "reprise/store/polling.hpp"

#include <span>
#include <vector>

namespace reprise::store {
class transaction;
}

namespace reprise::ingest {

constexpr std::size_t events_at_once_max = 200;  // Of one transaction.

struct intake_count {
    std::uint64_t events = 0;
    std::uint64_t repeated = 0;
    std::uint64_t ignored = 0;
    std::vector<pipeline::alarm_outcome> alarms;
};

// Takes events in, oldest first, each once: remembers them, collapses those of one content signature to one alarm
// with their number, and moves `source` (stored, too) to the last. At most events_at_once_max.
result<intake_count> take_events(
    store::transaction& tx, const poll_config& config, const pipeline::alarm_policy& policy,
    std::span<const log_event> events, store::poll_source& source, std::int64_t now_ns
);

}  // namespace reprise::ingest
