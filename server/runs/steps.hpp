#pragma once

#include "reprise/runs/worker.hpp"

#include "reprise/archive/bundle.hpp"
#include "reprise/base/error.hpp"
#include "reprise/model/alarm.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/service.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/replay/target.hpp"
#include "reprise/replay/trial.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The steps of a run. Each ends in one transaction that holds its output, what it changed, and its
// checkpoint, fenced by the lease.
namespace reprise::runs {

constexpr std::string_view step_prepare = "prepare";
constexpr std::string_view step_replay = "replay";
constexpr std::string_view step_verdict = "verdict";
constexpr std::string_view step_gate = "gate";
constexpr std::string_view step_publish = "publish";
constexpr std::string_view trial_prefix = "trial.";  // "trial.3": part of step_replay.

// What an execution of a run came to. An error of a step is worth another attempt unless permanent.
struct step_failure {
    std::string text;
    bool permanent = false;
    std::int64_t not_before_ns = 0;  // The next attempt, when it must be later than the backoff.

    step_failure() = default;
    step_failure(std::string text_, bool permanent_) : text(std::move(text_)), permanent(permanent_) {}
};

enum class step_end : std::uint8_t {
    next,      // Go on with the next step.
    finished,  // The run's state is settled: succeeded, or waiting for people.
};

struct step_answer {
    step_end end = step_end::next;
    std::optional<step_failure> failure;

    step_answer() = default;
    step_answer(step_end end_) : end(end_) {}
    step_answer(step_failure why) : failure(std::move(why)) {}
};

// What the steps of one run work with; loaded once per attempt.
struct run_context {
    const worker_parts& parts;
    model::run run;          // As last stored.
    model::incident incident;
    std::optional<model::signal> signal;
    std::optional<model::evidence> evidence;
    std::vector<model::alarm> alarms;  // The newest that told of the incident.
    model::service service;
    std::vector<model::run_step> done;
    std::int64_t progress_logged_ns = 0;

    explicit run_context(const worker_parts& parts_) : parts(parts_) {}
    bool has_done(std::string_view step) const noexcept;
    std::string actor() const { return "run:" + run.id; }

    // How far the current step is; the next heartbeat tells it. True when the run's log should say it, too: at the
    // end, and not more often than progress_pause_ns before.
    bool advance(std::uint64_t steps_done, std::uint64_t steps_total);
};

constexpr std::int64_t progress_pause_ns = 1'000'000'000;

// reprise::errc::stale when the run's lease is over.
result<void> load_context(const store::reader& from, run_context& context);

boost::asio::awaitable<step_answer> prepare_reproduce(run_context& context);
boost::asio::awaitable<step_answer> replay_and_judge(run_context& context);
boost::asio::awaitable<step_answer> open_gate(run_context& context);
boost::asio::awaitable<step_answer> publish_released(run_context& context);

// A checkpoint of a kind of run and what leads to it; work that ends with the next checkpoint has none of its own.
struct named_step {
    std::string_view name;
    boost::asio::awaitable<step_answer> (*work)(run_context&) = nullptr;
};

// In their order.
std::span<const named_step> steps_of(model::run_kind kind) noexcept;

// Where a stored checkpoint ("replay", "trial.3") stands among the steps of its kind; none when it is no such step.
std::optional<std::size_t> find_step(model::run_kind kind, std::string_view name) noexcept;

// What is sent where, both targets checked against the allow-list; empty when one is not on it.
struct replay_targets {
    replay::target target;
    std::optional<replay::target> last_good;
};
std::optional<replay_targets> find_targets(const run_context& context);

// The trials that earlier attempts stored.
std::vector<replay::trial> list_trials_done(const run_context& context);

// What a replay came to, wherever it was carried out.
struct judged_verdict {
    model::verdict verdict = model::verdict::inconclusive;
    std::string reason;  // One sentence.
    std::string json;    // RunResult.
};

// Ends the steps replay and verdict and moves the incident; the run is finished unless it was reproduced.
result<void> store_verdict(
    store::transaction& tx, run_context& context, const judged_verdict& judged, std::int64_t now_ns
);

// Inside a transaction: the checkpoint with its events. `output` is JSON.
result<void> begin_step(store::transaction& tx, run_context& context, std::string_view step, std::int64_t now_ns);
result<void> end_step(
    store::transaction& tx, run_context& context, std::string_view step, std::string output, std::int64_t now_ns
);
result<void> log_line(store::transaction& tx, run_context& context, std::string_view text, std::int64_t now_ns);
result<void> add_event(
    store::transaction& tx, run_context& context, std::string_view type, std::string data, std::int64_t now_ns
);

// Asks: the approval, and the run that waits for it (or goes on, when the risk passes by itself).
result<void> store_gate(
    store::transaction& tx, run_context& context, const model::approval& approval, std::int64_t now_ns
);

// Moves the incident and keeps it in the context.
result<void> move_to(
    store::transaction& tx, run_context& context, model::incident_status to, std::string phase, std::string reason,
    std::string why, std::int64_t now_ns
);

// The run has nothing more to do: succeeded, under the lease.
result<void> finish_run(store::transaction& tx, run_context& context, std::int64_t now_ns);

}  // namespace reprise::runs
