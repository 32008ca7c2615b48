#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/replay/condition.hpp"
#include "reprise/replay/error.hpp"
#include "reprise/replay/scenario.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Looks for the smallest scenario that still shows a problem. Pure and stepped by hand: next() hands out what to send,
// take() gets what came of it. Values, one thread at a time, nothing blocks.
namespace reprise::replay {

struct minimise_limits {
    std::uint32_t trials_max = 200;
    std::int64_t time_max_ns = 300 * ns_per_s;  // Of the trials together.
    std::uint32_t confirmations = 5;            // Trials of the smallest at the end.
};

struct minimise_source {
    scenario all;                                   // With pacing::recorded.
    std::vector<std::vector<std::uint32_t>> needs;  // By place in all.requests: places of earlier ones it needs.
    std::optional<std::size_t> named;               // Place of the failing request to begin with.
    std::string still;                              // The condition's text; a state is bound to it.
};

// The captured exchanges, in the order of their start, with the values that flow between them. `watched`: whose answers
// are judged, by exchange; at least one.
minimise_source make_minimise_source(
    std::span<const model::exchange> exchanges, const std::vector<bool>& watched, std::optional<std::size_t> named,
    std::string still
);

enum class minimise_stage : std::uint8_t {
    start,      // Does it fail at all, and how surely.
    requests,
    pace,       // Order, gaps, how many at once.
    headers,
    query,
    body,
    confirm,
    finished,
};

struct trial_outcome {
    trial_verdict verdict = trial_verdict::unresolved;
    std::string seen;          // "the answer was 200".
    std::int64_t took_ns = 0;
};

struct candidate {
    scenario what;
    std::string key;           // content_key(what)
    minimise_stage stage = minimise_stage::start;
    std::string doing;         // "12 of 200 requests", for the progress.
};

enum class minimise_end : std::uint8_t {
    running,
    minimal,         // Nothing more can go.
    out_of_trials,
    out_of_time,
    interrupted,
    unavailable,     // The target went away.
    does_not_fail,   // It never showed the problem: there is nothing to make smaller.
    unconfirmed,     // What seemed to fail did not fail again.
};

struct part_note {
    minimise_stage stage = minimise_stage::requests;
    std::string what;  // "GET /orders/7 (request 12)", "header accept of request 12".
    std::string why;   // "without it the answer was 200"; empty for what was removed.
};

struct minimise_result {
    minimise_end end = minimise_end::running;
    std::optional<scenario> smallest;   // Nothing while no candidate has failed.
    std::vector<part_note> kept;
    std::vector<part_note> removed;     // At most removed_notes_max; removed_count says how many.
    std::uint64_t removed_count = 0;
    std::uint32_t trials = 0;
    std::uint32_t known_again = 0;      // Candidates that needed no trial: the same had been sent before.
    std::uint32_t confirmed = 0;        // Of so many ...
    std::uint32_t confirm_trials = 0;   // ... trials of the smallest at the end.
    std::int64_t time_ns = 0;
    std::string last_seen;              // What the last trial saw.
};

constexpr std::size_t removed_notes_max = 500;
constexpr std::size_t state_bytes_max = 4 * 1024 * 1024;
constexpr std::uint32_t trials_limit = 10'000;

std::string_view to_text(minimise_stage stage) noexcept;
std::string_view to_text(minimise_end end) noexcept;

class minimiser {
public:
    // `source.all` holds at least one watched request.
    minimiser(minimise_source source, const minimise_limits& limits);
    ~minimiser();
    minimiser(minimiser&&) noexcept;
    minimiser& operator=(minimiser&&) noexcept;

    // Goes on where the state of the same source stopped; no trial is repeated. The limits may be others: they count
    // the trials of both. errc::bad_state when it is no state, or one of other exchanges or another condition.
    static checked<minimiser> resume(minimise_source source, const minimise_limits& limits, std::string_view state);

    // What to send next, the same until take(). Nothing when it has ended.
    std::optional<candidate> next();
    // Of the candidate that next() gave.
    void take(trial_outcome outcome);
    // Ends it for now; the smallest so far is the result.
    void interrupt();

    minimise_end end() const noexcept;
    std::uint32_t trials() const noexcept;
    minimise_result result() const;
    // Enough to resume: what was tried and what came of it.
    std::string state() const;

private:
    class search;
    explicit minimiser(std::unique_ptr<search> made);
    std::unique_ptr<search> search_;
};

}  // namespace reprise::replay
