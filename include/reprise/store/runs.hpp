#pragma once

#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The durable queue. Rows only: which state may follow which is decided by the caller (lifecycle).
// Writes of a worker name the epoch of its lease and answer errc::stale when that lease is not the
// current one any more (expired and claimed again, cancelled, finished): the worker stops then.
namespace reprise::store {

struct run_filter {
    std::optional<model::run_state> state;
    std::optional<model::run_kind> kind;
    bool active = false;      // Queued, leased, failed, waiting or paused.
    std::string incident_id;  // Empty: any.
    std::string after;        // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

constexpr std::size_t runs_listed_max = 500;
constexpr std::size_t run_events_listed_max = 1000;
constexpr std::int64_t run_events_max = 20'000;       // Per run; one more answers errc::too_large.
constexpr std::size_t run_output_bytes_max = 4U << 20;  // A step's output, a run's result, one event.

// Not finished: somebody or something still has to act.
bool is_active(model::run_state state) noexcept;

// As it is, usually queued. errc::conflict when the id is taken.
result<void> enqueue_run(transaction& tx, const model::run& run);

result<std::optional<model::run>> find_run(const reader& from, std::string_view id);
// Newest first.
result<std::vector<model::run>> list_runs(const reader& from, const run_filter& filter);

// Which runs somebody may claim.
struct claim_filter {
    std::vector<model::run_kind> kinds{model::run_kinds.begin(), model::run_kinds.end()};
    std::optional<std::vector<std::string>> services;  // Only runs of incidents of these; none: of all.
    // A reproduce run before its verdict is a replay: it may be left to whoever reaches the target.
    enum class replays : std::uint8_t {
        any,
        only,         // And what leads to them.
        not_started,  // A replay that is prepared and waits to be carried out is left to others.
    };
    replays of_replays = replays::any;

    claim_filter() = default;
};

// Of the runs that are due (queued and past not_before_ns, or leased with an expired lease) and that the filter lets
// through, the one with the highest priority, then the oldest, becomes leased by `owner` until now + lease; lease_epoch
// and attempt grow in the same statement, so the attempt is counted before the handler runs. attempt may then be over
// attempts_max (the lease of the last attempt expired): the caller dead-letters it instead of working. A fix run is
// passed over while another one of its service is leased. Empty: nothing is due.
result<std::optional<model::run>> claim_run(
    transaction& tx, std::string_view owner, std::int64_t now_ns, std::int64_t lease_ns,
    const claim_filter& filter = claim_filter()
);
// When claim_run would next find something: the earliest due time, which may have passed.
result<std::optional<std::int64_t>> find_next_due_ns(const reader& from);

// Prolongs the lease to now + lease. Progress that changed is a visible change of the run.
result<void> heartbeat_run(
    transaction& tx, std::string_view run_id, std::int64_t epoch, std::int64_t now_ns, std::int64_t lease_ns,
    std::optional<double> progress = std::nullopt
);

// How many runs of a kind are in a state: of those that are not over, and of dead letters.
struct run_figure {
    model::run_kind kind = model::run_kind::reproduce;
    model::run_state state = model::run_state::queued;
    std::uint64_t count = 0;
};
result<std::vector<run_figure>> list_run_figures(const reader& from);
// How many runs are paused for which reason.
struct hold_figure {
    std::string hold;
    std::uint64_t count = 0;
};
result<std::vector<hold_figure>> list_hold_figures(const reader& from);
// Since when the queued run that waits longest could have been claimed.
result<std::optional<std::int64_t>> find_ready_since_ns(const reader& from);

// The checkpoint. A step saved again replaces what it said before. The second form is for people, who hold no lease.
result<void> save_step(transaction& tx, const model::run_step& step, std::int64_t epoch);
result<void> save_step(transaction& tx, const model::run_step& step);
result<void> delete_step(transaction& tx, std::string_view run_id, std::string_view name);
// In the order they started.
result<std::vector<model::run_step>> list_steps(const reader& from, std::string_view run_id);

// Fills event.sequence (from 1, per run). The second form is for people and sweepers, who hold no lease.
result<void> append_run_event(transaction& tx, model::run_event& event, std::int64_t epoch);
result<void> append_run_event(transaction& tx, model::run_event& event);
// After a sequence number, oldest first.
result<std::vector<model::run_event>> list_run_events(
    const reader& from, std::string_view run_id, std::int64_t after, std::size_t limit
);

// Everything that may change, by the holder of the lease. Fenced: errc::stale. The epoch is kept, the
// version grows, in `run` too. A state other than leased gives the lease back.
result<void> save_run(transaction& tx, model::run& run, std::int64_t epoch);

// The same by a person or a sweeper, compared by version: errc::stale, errc::not_found. A leased run
// saved in another state is lost to its worker.
result<void> save_run_by_version(transaction& tx, model::run& run, std::int64_t expected_version);

}  // namespace reprise::store
