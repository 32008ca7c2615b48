#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/replay/answer_book.hpp"
#include "reprise/replay/trial.hpp"
#include "reprise/runs/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Replays that are carried out by workers in other processes: the server keeps the queue, the evidence and the
// state machines, a worker sends the requests and measures. docs/workers.md.
namespace reprise::runs {

// Names the right to work on a run. Every write that names another than the current one is errc::stale.
struct replay_lease {
    std::string run_id;
    std::int64_t epoch = 0;
};

struct worker_identity {
    std::string name;                  // Unique among the server's workers.
    std::string version;
    std::vector<std::string> targets;  // Its allow-list; runs of services with other targets are not for it.
};

constexpr std::size_t worker_name_bytes_max = 100;
constexpr std::size_t worker_targets_max = 1000;

// All a worker needs to know about one replay.
struct replay_job {
    replay_lease lease;
    std::int64_t lease_ns = 0;
    std::int64_t heartbeat_ns = 0;
    std::uint32_t attempt = 0;
    std::string service;
    std::string target;
    std::string last_good_target;     // Empty: none.
    bool sends_unsafe_setup = false;
    model::signal signal;
    std::string bundle;               // Packed.
    std::string bundle_sha256;
    std::vector<std::string> trials;  // JSON of those earlier attempts stored.
    replay::trial_limits limits;
};

struct finished_replay {
    model::verdict verdict = model::verdict::inconclusive;
    std::string reason;  // One sentence.
    std::string json;    // RunResult; empty when nothing could be replayed.
};

constexpr std::size_t reason_bytes_max = 4096;

// Between the server and a worker. Errors of the calls that name a lease: errc::stale (stop at once, forget the run),
// errc::invalid_argument and errc::too_large (what was said is no good); after every other one, those of the network
// among them, the same call may be tried again.
class replay_dispatch {
public:
    virtual ~replay_dispatch() = default;

    // Empty: nothing to do now.
    virtual boost::asio::awaitable<result<std::optional<replay_job>>> claim(worker_identity who) = 0;
    // Prolongs the lease.
    virtual boost::asio::awaitable<result<void>> beat(
        replay_lease lease, std::uint32_t requests_done, std::uint32_t requests_total
    ) = 0;
    // Stored once this returns success: the trial will not run again. The answers are as they came: redacted where they
    // are stored.
    virtual boost::asio::awaitable<result<void>> store_trial(
        replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> answers
    ) = 0;
    // As replay::trace_port::collect.
    virtual boost::asio::awaitable<result<std::vector<model::observation>>> collect(
        replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) = 0;
    virtual boost::asio::awaitable<result<void>> finish(replay_lease lease, finished_replay done) = 0;
    virtual boost::asio::awaitable<result<void>> fail(replay_lease lease, bool permanent, std::string text) = 0;
    virtual boost::asio::awaitable<result<void>> give_back(replay_lease lease) = 0;
};

// The server's side, over the store. Safe from any strand; what worker_parts names outlives it. Keeps what targets
// report about the runs that are out, at most leases_max of them, until they are finished or their leases ran out.
class local_dispatch final : public replay_dispatch {
public:
    static constexpr std::size_t leases_max = 256;  // Out at once; then nothing is handed out.
    static constexpr std::chrono::milliseconds collect_max{60'000};

    explicit local_dispatch(const worker_parts& parts);
    ~local_dispatch() override;

    boost::asio::awaitable<result<std::optional<replay_job>>> claim(worker_identity who) override;
    boost::asio::awaitable<result<void>> beat(
        replay_lease lease, std::uint32_t requests_done, std::uint32_t requests_total
    ) override;
    boost::asio::awaitable<result<void>> store_trial(
        replay_lease lease, replay::trial measured, std::vector<replay::replayed_answers> answers
    ) override;
    boost::asio::awaitable<result<std::vector<model::observation>>> collect(
        replay_lease lease, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override;
    boost::asio::awaitable<result<void>> finish(replay_lease lease, finished_replay done) override;
    boost::asio::awaitable<result<void>> fail(replay_lease lease, bool permanent, std::string text) override;
    boost::asio::awaitable<result<void>> give_back(replay_lease lease) override;

private:
    class ears;

    boost::asio::awaitable<result<std::vector<std::string>>> list_services(const worker_identity& who);
    boost::asio::awaitable<result<std::optional<replay_job>>> prepare(model::run run);
    boost::asio::awaitable<result<std::optional<replay_job>>> give_up(
        replay_lease lease, bool permanent, std::string text
    );

    worker_parts parts_;
    std::unique_ptr<run_queue> queue_;
    std::unique_ptr<ears> ears_;
    counter& claimed_;
    counter& stale_;
};

}  // namespace reprise::runs
