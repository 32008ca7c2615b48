#pragma once

#include "steps.hpp"

#include "reprise/pipeline/trial_sink.hpp"
#include "reprise/replay/reproduce.hpp"
#include "reprise/replay/target_sender.hpp"

#include <span>
#include <string>
#include <vector>

// The sockets, the collected traces and the store behind a reproduce run.
namespace reprise::runs {

class trace_collector final : public replay::trace_port {
public:
    explicit trace_collector(pipeline::trial_sink& trials) : trials_(trials) {}

    boost::asio::awaitable<std::vector<model::observation>> collect(
        std::uint64_t mark, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override;

private:
    pipeline::trial_sink& trials_;
};

class progress_writer final : public replay::progress_port {
public:
    explicit progress_writer(run_context& context) : context_(context) {}

    boost::asio::awaitable<result<void>> progress(std::uint32_t requests_done, std::uint32_t requests_total) override;
    boost::asio::awaitable<result<void>> measured(
        replay::trial done, std::vector<replay::replayed_answers> answers
    ) override;

private:
    run_context& context_;
};

// Listens to a run's replayed traces for as long as it lives.
class listening {
public:
    listening(pipeline::trial_sink& trials, std::uint64_t mark) : trials_(trials), mark_(mark)
    {
        trials_.mark(mark_);
        trials_.listen(mark_);
    }
    ~listening() { trials_.forget(mark_); }
    listening(const listening&) = delete;
    listening& operator=(const listening&) = delete;

private:
    pipeline::trial_sink& trials_;
    std::uint64_t mark_;
};

// "trial.3": the checkpoint of one trial.
std::string trial_step(std::uint32_t number);

// The checkpoint with its event and what was answered, under the run's lease.
result<void> store_measured_trial(
    store::transaction& tx, const model::run& run, const replay::trial& measured,
    std::span<const model::exchange_answers> answers, std::int64_t now_ns
);

}  // namespace reprise::runs
