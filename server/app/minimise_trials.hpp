#pragma once

#include "trial_observer.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/net/client.hpp"
#include "reprise/replay/condition.hpp"
#include "reprise/replay/drive.hpp"
#include "reprise/replay/minimise.hpp"
#include "reprise/replay/scenario_run.hpp"
#include "reprise/replay/target.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace reprise::app {

// Runs trials against one target on the calling thread, one at a time.
class trial_runner {
public:
    trial_runner(
        const replay::target& to, const net::client_transport& transport, replay::scenario_options options
    );

    // Trials wait up to `limit` for what the target says about them. The observer must outlive the runner.
    void observe(trial_observer& through, std::chrono::milliseconds limit);

    // What the trial said; what was not answered by `limit_ns` is given up and the trial unresolved. Nothing when a
    // signal came (interruption::seen()).
    std::optional<replay::trial_outcome> run(
        const replay::scenario& what, const replay::condition& still, std::int64_t limit_ns
    );

    // Whether the last trial was answered, but the target did not report about it.
    bool untold() const noexcept { return untold_; }

private:
    struct sent_trial {
        std::vector<replay::observed_answer> answers;
        bool given_up = false;
    };

    sent_trial send(const replay::scenario& what, std::int64_t begin_ns, std::int64_t limit_ns);
    void ask_observer(sent_trial& trial, std::int64_t begin_ns, std::int64_t limit_ns);

    boost::asio::io_context io_{1};
    system_clock wall_;
    net::http_client http_;
    replay::target target_;
    std::unique_ptr<replay::time_port> time_;
    replay::scenario_options options_;
    trial_observer* observer_ = nullptr;
    std::chrono::milliseconds observe_limit_{0};
    bool untold_ = false;
};

}  // namespace reprise::app
