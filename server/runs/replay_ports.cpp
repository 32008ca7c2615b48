#include "replay_ports.hpp"

#include "answer_redaction.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/store/database.hpp"
#include "reprise/store/run_answers.hpp"
#include "reprise/store/runs.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

namespace reprise::runs {

namespace asio = boost::asio;

std::string trial_step(std::uint32_t number)
{
    return std::string(trial_prefix) + std::to_string(number);
}

asio::awaitable<std::vector<model::observation>> trace_collector::collect(
    std::uint64_t mark, std::vector<model::trace_id> wanted, std::chrono::milliseconds limit
)
{
    constexpr auto look_again = std::chrono::milliseconds(25);
    const auto executor = co_await asio::this_coro::executor;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    asio::steady_timer timer(executor);
    while (!trials_.complete(mark, wanted) && std::chrono::steady_clock::now() < deadline) {
        timer.expires_after(look_again);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return trials_.observations(mark);
}

asio::awaitable<result<void>> progress_writer::progress(std::uint32_t requests_done, std::uint32_t requests_total)
{
    if (!context_.advance(requests_done, requests_total))
        co_return result<void>();
    boost::json::object data;
    data["done"] = requests_done;
    data["total"] = requests_total;
    auto write = [this, text = canonical_json(data)](store::transaction& tx) {
        return add_event(tx, context_, "progress", text, context_.parts.time.now_ns());
    };
    co_return co_await context_.parts.database.write(std::move(write));
}

result<void> store_measured_trial(
    store::transaction& tx, const model::run& run, const replay::trial& measured,
    std::span<const model::exchange_answers> answers, std::int64_t now_ns
)
{
    model::run_step step;
    step.run_id = run.id;
    step.name = trial_step(measured.number);
    step.attempt = run.attempt;
    step.output = replay::to_json(measured);
    step.started_ns = now_ns;
    step.ended_ns = now_ns;
    if (auto saved = store::save_step(tx, step, run.lease_epoch); !saved)
        return saved;
    if (auto kept = store::save_run_answers(tx, run.id, run.evidence_id, answers, now_ns); !kept)
        return kept;
    model::run_event event;
    event.run_id = run.id;
    event.at_ns = now_ns;
    event.type = "measurement";
    event.data = step.output;
    return store::append_run_event(tx, event, run.lease_epoch);
}

asio::awaitable<result<void>> progress_writer::measured(
    replay::trial done, std::vector<replay::replayed_answers> answers
)
{
    const worker_parts& parts = context_.parts;
    const auto kept = co_await redact_answers_on(parts.blocking_pool, std::move(answers), parts.policy.redaction);
    auto write = [this, &done, &kept](store::transaction& tx) {
        return store_measured_trial(tx, context_.run, done, kept, context_.parts.time.now_ns());
    };
    co_return co_await context_.parts.database.write(std::move(write));
}

}  // namespace reprise::runs
