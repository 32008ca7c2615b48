#include "reprise/runs/remote_worker.hpp"

#include "replay_work.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/first_of.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/log.hpp"
#include "reprise/base/offload.hpp"
#include "reprise/base/within.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> wait_for(std::chrono::nanoseconds pause)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
}

// Another try cannot help. Everything else means that the server is away for a while.
bool is_final(const error_code& error)
{
    return error == errc::stale || error == errc::invalid_argument || error == errc::too_large;
}

}  // namespace

// The server as the replay sees it. One strand.
class remote_worker::ports final : public replay::trace_port, public replay::progress_port {
public:
    ports(replay_dispatch& server, const replay_job& job) : server_(server), lease_(job.lease), lease_ns_(job.lease_ns)
    {
    }

    asio::awaitable<std::vector<model::observation>> collect(
        std::uint64_t, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
    ) override
    {
        auto seen = co_await server_.collect(lease_, std::move(wanted), limit);
        co_return seen ? std::move(*seen) : std::vector<model::observation>();
    }

    // Told with the next beat.
    asio::awaitable<result<void>> progress(std::uint32_t requests_done, std::uint32_t requests_total) override
    {
        done_ = requests_done;
        total_ = requests_total;
        co_return result<void>();
    }

    asio::awaitable<result<void>> measured(replay::trial done, std::vector<replay::replayed_answers> answers) override
    {
        // Measured already: worth waiting for a server that comes back, but the lease will not wait longer.
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(lease_ns_);
        for (auto pause = away_pause_first;; pause = std::min(pause * 2, away_pause_max)) {
            const auto stored = co_await server_.store_trial(lease_, done, answers);
            const bool again = !stored && !is_final(stored.error()) && std::chrono::steady_clock::now() < deadline;
            if (!again)
                co_return stored;
            co_await wait_for(pause);
        }
    }

    std::uint32_t done() const noexcept { return done_; }
    std::uint32_t total() const noexcept { return total_; }

private:
    replay_dispatch& server_;
    replay_lease lease_;
    std::int64_t lease_ns_;
    std::uint32_t done_ = 0;
    std::uint32_t total_ = 0;
};

remote_worker::remote_worker(const remote_worker_parts& parts)
    : parts_(parts),
      finished_(parts.numbers.add_counter("reprise_worker_replays_total", "Replays ended.", "result=\"finished\"")),
      failed_(parts.numbers.add_counter("reprise_worker_replays_total", "Replays ended.", "result=\"failed\"")),
      lost_(parts.numbers.add_counter("reprise_worker_replays_total", "Replays ended.", "result=\"lease_lost\"")),
      away_(parts.numbers.add_counter("reprise_worker_server_away_total", "Questions the server did not answer."))
{
    for (const std::string& text : parts_.targets) {
        if (auto target = replay::parse_target(text))
            targets_.push_back(std::move(*target));
    }
}

asio::awaitable<void> remote_worker::run_worker(std::string name)
{
    auto pause = away_pause_first;
    for (;;) {
        worker_identity who;
        who.name = name;
        who.version = parts_.version;
        who.targets = parts_.targets;
        auto job = co_await parts_.server.claim(std::move(who));
        reached_ = job.has_value();
        if (job && *job) {
            pause = away_pause_first;
            co_await work_on(std::move(**job));
        } else if (job) {
            pause = away_pause_first;
            co_await wait_for(ask_pause);
        } else {
            away_.add();
            log_warn("worker", "the server gives no work: " + job.error().message());
            co_await wait_for(pause);
            pause = std::min(pause * 2, away_pause_max);
        }
    }
}

asio::awaitable<void> remote_worker::work_on(replay_job job)
{
    ports through(parts_.server, job);
    std::exception_ptr thrown;
    std::size_t ended = 0;
    try {
        ended = co_await first_of(run_job(job, through), keep_lease(job, through));
    } catch (...) {
        thrown = std::current_exception();
    }
    if (!thrown) {
        if (ended == 1) {
            lost_.add();
            log_warn("worker", "run " + job.lease.run_id + " is not this worker's any more");
        }
        co_return;
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        co_await asio::this_coro::reset_cancellation_state();
        const auto given = co_await parts_.server.give_back(job.lease);
        if (!given)
            log_warn("worker", "run " + job.lease.run_id + " not given back: " + given.error().message());
        std::rethrow_exception(thrown);
    }
    failed_.add();
    log_exception("run " + job.lease.run_id, thrown);
    const auto told = co_await parts_.server.fail(job.lease, false, "an internal error; the worker's log says more");
    if (!told)
        log_warn("worker", "run " + job.lease.run_id + ": " + told.error().message());
}

asio::awaitable<void> remote_worker::run_job(replay_job& job, ports& through)
{
    const auto done = co_await carry_out(job, through);
    (done ? finished_ : failed_).add();
    if (!done)
        log_warn("worker", "run " + job.lease.run_id + ": " + done.error().message());
}

asio::awaitable<result<void>> remote_worker::carry_out(replay_job& job, ports& through)
{
    const auto target = replay::check_target(job.target, targets_);
    auto last_good = replay::check_target(job.last_good_target, targets_);
    if (!target || (!job.last_good_target.empty() && !last_good))
        co_return co_await parts_.server.fail(job.lease, false, "the target is not on the worker's replay.targets");
    if (sha256_hex(job.bundle) != job.bundle_sha256)
        co_return co_await parts_.server.fail(job.lease, false, "the evidence was damaged on its way to the worker");
    auto open = [&job] { return archive::read_packed_bundle(job.bundle, "run " + job.lease.run_id); };
    auto bundle = co_await offload(parts_.cpu_pool, std::move(open));
    if (!bundle)
        co_return co_await parts_.server.fail(job.lease, true, "the evidence: " + bundle.error().message());

    replay_work work;
    work.run_id = job.lease.run_id;
    work.signal = job.signal;
    work.items = std::move(bundle->items);
    work.evidence_sha256 = job.bundle_sha256;
    work.target = *target;
    if (!job.last_good_target.empty())
        work.last_good = std::move(*last_good);
    work.sends_unsafe_setup = job.sends_unsafe_setup;
    work.limits = job.limits;
    for (const std::string& json : job.trials) {
        if (auto trial = replay::parse_trial(json))
            work.trials.push_back(std::move(*trial));
    }
    const replay_means means(parts_.http, parts_.time, through, through);
    const auto ran = co_await run_replay_work(std::move(work), means);
    if (!ran)
        co_return ran.error();
    finished_replay done;
    done.verdict = ran->judged.verdict;
    done.reason = ran->judged.reason.substr(0, reason_bytes_max);
    done.json = ran->json;
    for (auto pause = away_pause_first;; pause = std::min(pause * 2, away_pause_max)) {
        const auto told = co_await parts_.server.finish(job.lease, done);
        if (told || is_final(told.error()))
            co_return told;
        co_await wait_for(pause);  // keep_lease() ends this when the lease has run out.
    }
}

// Ends when the lease is gone: the server said so, or said nothing for as long as it lasts. A beat that hangs does not
// keep it.
asio::awaitable<void> remote_worker::keep_lease(const replay_job& job, ports& through)
{
    using std::chrono::steady_clock;
    auto kept_until = steady_clock::now() + std::chrono::nanoseconds(job.lease_ns);
    co_await wait_for(std::chrono::nanoseconds(job.heartbeat_ns));
    for (auto now = steady_clock::now(); now < kept_until; now = steady_clock::now()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(kept_until - now);
        const auto kept = co_await within(left, parts_.server.beat(job.lease, through.done(), through.total()));
        if (kept)
            kept_until = now + std::chrono::nanoseconds(job.lease_ns);
        else if (is_final(kept.error()))
            co_return;
        const std::chrono::nanoseconds rest = kept_until - steady_clock::now();
        co_await wait_for(std::min(std::chrono::nanoseconds(job.heartbeat_ns), rest));
    }
}

}  // namespace reprise::runs
