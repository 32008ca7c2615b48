#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/condition.hpp"
#include "reprise/replay/drive.hpp"
#include "reprise/replay/minimise.hpp"
#include "reprise/replay/scenario_run.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace reprise::app {

// Runs trials against one target on the calling thread, one at a time.
class trial_runner {
public:
    trial_runner(
        const replay::target& to, const net::client_transport& transport, replay::scenario_options options
    );

    // What the trial said; what was not answered by `limit_ns` is given up and the trial unresolved. Nothing when a
    // signal came (interruption::seen()).
    std::optional<replay::trial_outcome> run(
        const replay::scenario& what, const replay::condition& still, std::int64_t limit_ns
    );

private:
    boost::asio::io_context io_{1};
    system_clock wall_;
    net::http_client http_;
    replay::target target_;
    std::unique_ptr<replay::time_port> time_;
    replay::scenario_options options_;
};

}  // namespace reprise::app
