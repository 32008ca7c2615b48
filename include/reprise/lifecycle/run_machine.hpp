#pragma once

#include "reprise/lifecycle/error.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <span>
#include <string_view>

// The life of a run: queue, lease with fencing token, retries, dead letter. Pure functions over
// values; each answer has version + 1 and updated_ns set, and is stored by the caller.
//
// An attempt is counted when the lease is taken, before any work, so that work which kills its worker
// runs out of attempts. Given back: a lease released in good order. Started anew: after an approval
// and after the replay of a dead letter. A worker names its epoch in every write; none matching
// (reprise::errc::stale) means it must stop at once and undo nothing.
namespace reprise::lifecycle {

struct retry_profile {
    std::uint32_t attempts_max = 4;  // The first one and the retries.
    std::int64_t delay_first_ns = 60'000'000'000;
    std::int64_t delay_max_ns = 3'600'000'000'000;
};

struct run_timing {
    std::int64_t lease_ns = 30'000'000'000;
    std::int64_t heartbeat_ns = 10'000'000'000;
    retry_profile reproduce{4, 120'000'000'000, 3'600'000'000'000};
    retry_profile publish{4, 60'000'000'000, 3'600'000'000'000};
    retry_profile fix{3, 300'000'000'000, 3'600'000'000'000};

    const retry_profile& profile(model::run_kind kind) const noexcept
    {
        switch (kind) {
        case model::run_kind::publish: return publish;
        case model::run_kind::fix: return fix;
        case model::run_kind::reproduce: break;
        }
        return reproduce;
    }
};

constexpr std::size_t run_error_bytes_max = 2048;  // Longer text is cut.

// Who waits for a run decides how soon it is claimed.
constexpr std::int64_t priority_by_person = 50;
constexpr std::int64_t priority_released = 80;  // People approved it and look for its effect.
// 0, 10, 20, 30.
std::int64_t automatic_priority(model::severity severity) noexcept;

constexpr std::string_view hold_by_person = "person";

struct run_edge {
    model::run_state from;
    model::run_state to;
};

std::span<const run_edge> run_edges() noexcept;
bool is_edge(model::run_state from, model::run_state to) noexcept;
// succeeded, cancelled, timed_out, discarded.
bool is_final(model::run_state state) noexcept;

// Wait before the attempt after `attempts_done` failed ones: the first delay, doubled each time.
std::int64_t backoff_ns(const retry_profile& profile, std::uint32_t attempts_done) noexcept;

// Queued and due, or leased by a worker whose lease ran out: leased by `owner`, epoch + 1, attempt + 1.
// Errors: not_due; attempts_exhausted (then lose_lease() gives the dead letter); illegal_transition.
result<model::run> lease(
    const model::run& run, std::string_view owner, std::int64_t now_ns, const run_timing& timing
);
// Prolongs the lease. Errors of this and all functions with an epoch: reprise::errc::stale when the
// run is not leased under it.
result<model::run> heartbeat(
    const model::run& run, std::int64_t epoch, std::int64_t now_ns, const run_timing& timing
);
// The worker stops in good order (shutdown): queued at once, the attempt is given back.
result<model::run> release(const model::run& run, std::int64_t epoch, std::int64_t now_ns);
// The lease ran out: queued and due at once (the worker died, the work may be fine), or dead_letter
// when no attempt is left. not_due while it is held.
result<model::run> lose_lease(const model::run& run, std::int64_t now_ns);

enum class failure_kind : std::uint8_t {
    transient,  // Worth another attempt.
    permanent,  // Will not get better: dead letter at once.
};

// The attempt failed: queued after the backoff, or (through `failed`) dead_letter.
result<model::run> fail(
    const model::run& run, std::int64_t epoch, failure_kind kind, std::string_view error, std::int64_t now_ns,
    const run_timing& timing
);
result<model::run> succeed(const model::run& run, std::int64_t epoch, std::int64_t now_ns);
result<model::run> time_out(const model::run& run, std::int64_t epoch, std::int64_t now_ns);
// Gives the lease up and waits for people; nothing expires it but the approval's own clock.
result<model::run> wait_for_approval(const model::run& run, std::int64_t epoch, std::int64_t now_ns);
// Approved: queued, due at once, with all attempts, at priority_released at least.
result<model::run> resume_approved(const model::run& run, std::int64_t now_ns);
// Rejected, stopped or expired: the run has done its work, succeeded.
result<model::run> end_unapproved(const model::run& run, std::int64_t now_ns);
// A dead letter back to the queue with all attempts; or put away for good.
result<model::run> replay_dead_letter(const model::run& run, std::int64_t now_ns);
result<model::run> discard_dead_letter(const model::run& run, std::int64_t now_ns);

// By a person, from queued or leased. A lease ends as by cancelling; its attempt is given back.
result<model::run> pause(const model::run& run, std::string_view why, std::int64_t now_ns);
// Whoever paused it: queued, due at once.
result<model::run> resume(const model::run& run, std::int64_t now_ns);
// Of a run that waits in the queue or is paused. reprise::errc::invalid_argument outside 0..run_priority_max.
result<model::run> prioritise(const model::run& run, std::int64_t priority, std::int64_t now_ns);

// What cancelling does beyond the state.
enum class cancel_effect : std::uint8_t {
    refused,       // Final states and dead letters: nothing to cancel.
    never_starts,  // queued, paused: no work is under way.
    fences,        // leased: epoch + 1, so the worker's next write is refused and it stops.
    voids,         // waiting_approval: the caller voids the pending approval, too.
};

cancel_effect find_cancel_effect(model::run_state state) noexcept;
result<model::run> cancel(const model::run& run, std::int64_t now_ns);

}  // namespace reprise::lifecycle
