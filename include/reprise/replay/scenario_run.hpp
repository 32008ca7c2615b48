#pragma once

#include "reprise/replay/condition.hpp"
#include "reprise/replay/drive.hpp"
#include "reprise/replay/http_port.hpp"
#include "reprise/replay/scenario.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// One trial of a scenario: sends it and gives the answers that are judged.
namespace reprise::replay {

struct scenario_options {
    std::string run_id;          // In X-Replay.
    std::uint64_t mark = 0;      // Upper half of the trace ids.
    std::uint64_t nonce = 0;     // Makes them fresh in each trial.
    model::header_list headers;  // Replace those of the scenario by name, or are added: credentials of the target.
    std::chrono::milliseconds request{10'000};
};

// The answers of the watched requests, in the order of sending, and of whatever found no target. A group is sent at
// once; its latencies count from that moment, with recorded times from the time of each. Cancellable: nothing more is
// sent. The executor must be a strand or one thread; everything by reference must outlive the coroutine.
boost::asio::awaitable<std::vector<observed_answer>> run_scenario(
    const scenario& what, const scenario_options& options, http_port& http, time_port& time
);

}  // namespace reprise::replay
