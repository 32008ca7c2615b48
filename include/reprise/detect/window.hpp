#pragma once

#include "reprise/detect/burst.hpp"
#include "reprise/detect/call_groups.hpp"
#include "reprise/detect/sketch.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/model/operation.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reprise::detect {

using outcome_counts = std::array<std::uint64_t, model::outcome_count>;

// What is wrong for the owner of an operation. A server's 4xx is its caller's mistake; for client calls 4xx and
// 429 are failures of the caller, too. Cancelled calls never count.
std::uint64_t failing_count(model::operation_kind kind, const outcome_counts& outcomes) noexcept;
bool is_failing(model::operation_kind kind, model::outcome outcome) noexcept;

// One operation in one window as a plain value: for the store, the detectors and the next baseline.
struct operation_summary {
    model::operation_key operation;
    std::uint64_t operation_id = 0;
    std::uint64_t requests = 0;              // Everything but cancelled calls.
    outcome_counts outcomes{};               // By model::outcome.
    std::array<std::uint64_t, 6> status_classes{};  // [1]..[5]: 1xx..5xx; [0]: no HTTP status.
    sketch durations;                        // ns, of calls that were answered: ok and client_error.
    std::int64_t first_start_ns = 0;
    std::int64_t last_start_ns = 0;
    std::int64_t first_failing_ns = 0;       // 0: none failed.
    std::uint32_t failing_traces = 0;        // Different traces among the failing: 0, 1 or 2 for "two or more".
    std::optional<burst_summary> burst;      // Client operations only.
    // Exemplars the caller kept (hex trace ids), worst first; they go into the signals as they are.
    std::vector<std::string> failing_trace_ids;
    std::vector<std::string> slow_trace_ids;

    std::uint64_t failing() const noexcept { return failing_count(operation.kind, outcomes); }
    std::uint64_t throttled() const noexcept { return outcomes[static_cast<std::size_t>(model::outcome::throttled)]; }
};

// Accumulates the observations of one operation in one window. add() allocates nothing once the sketch and the
// arrivals have seen the operation's usual spread; reset() starts the next window in the same memory. The same
// calls in any order give the same summary. Not for several threads.
class operation_window {
public:
    explicit operation_window(model::operation_kind kind) : kind_(kind) {}

    // Precondition: the observation is of this operation, in this window and not a replayed one.
    void add(const model::observation& call);
    // Calls that a metric counted together; `durations` are theirs, taken as spread evenly over each bucket.
    void add(
        const model::measured_calls& point, std::uint64_t calls, std::span<const model::duration_bucket> durations
    );
    void reset();

    // As sketch::fetch_*: what add() will touch beyond this object.
    void fetch_directory() const noexcept { durations_.fetch_directory(); }
    void fetch_bucket(std::int64_t duration_ns) const noexcept { durations_.fetch_bucket(duration_ns); }

    bool empty() const noexcept { return calls_ == 0; }
    std::uint64_t calls() const noexcept { return calls_; }
    // A copy of everything. Exemplars are the caller's to add.
    operation_summary summarise(const model::operation_key& operation, std::uint64_t operation_id) const;
    std::size_t memory_bytes() const noexcept;

private:
    void note_failing(const model::observation& call) noexcept;
    void add_durations(const model::duration_bucket& bucket);

    model::operation_kind kind_;
    std::uint32_t failing_traces_ = 0;
    std::uint64_t calls_ = 0;
    outcome_counts outcomes_{};
    std::array<std::uint64_t, 6> status_classes_{};
    std::int64_t first_start_ns_ = 0;
    std::int64_t last_start_ns_ = 0;
    std::int64_t first_failing_ns_ = 0;
    model::trace_id failing_trace_;
    sketch durations_;
    arrival_sample arrivals_;
};

// All operations of one service in one window: what the detectors look at.
struct service_window {
    std::string service;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::vector<operation_summary> operations;
    std::vector<repeated_call> repeated;      // call_groups::list_repeated(limits.n_plus_one_calls_min).
    std::uint64_t groups_overflowed = 0;
};

}  // namespace reprise::detect
