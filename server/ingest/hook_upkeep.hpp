#pragma once

#include "hook_state.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace reprise::ingest {

// Forgets what was kept long enough or takes too much room, counts what is there, and writes refusals that the audit
// left out. On the processor's strand.
class hook_upkeep {
public:
    explicit hook_upkeep(hooks::state& all) : all_(all) {}

    // Once a minute; does nothing in between.
    boost::asio::awaitable<void> run_when_due();

private:
    hooks::state& all_;
    std::int64_t done_ns_ = 0;
};

}  // namespace reprise::ingest
