#pragma once

#include "reprise/detect/baseline.hpp"
#include "reprise/detect/limits.hpp"
#include "reprise/detect/window.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace reprise::detect {

// The service's own traffic of one source and kind: what an operation's share is measured against, and what
// its prior comes from.
struct kind_traffic {
    std::uint64_t requests = 0;   // In the window.
    double normal_requests = 0;   // In the baselines.
    double normal_failing = 0;    // Without 429 for client operations.
    double normal_throttled = 0;
};

// Everything a detector may look at for one operation.
struct operation_context {
    const operation_summary& now;
    const baseline* known = nullptr;  // nullptr: never seen before.
    const service_window& window;
    const kind_traffic& traffic;
    const detection_limits& limits;

    bool ready() const noexcept { return known != nullptr && known->ready(limits); }
    // How many of the newest known windows are close enough to be tested with this one; the newest is recent.back().
    std::size_t pool_size() const noexcept;
};

// What a detector found in one window, before asking whether it lasts.
struct candidate {
    model::signal signal;
    bool absolute = false;      // By a rule that needs no second window.
    bool blocks = true;         // The window must not become normal.
    std::uint32_t windows = 1;  // How many windows were tested together.
};

std::optional<candidate> find_error_rate(const operation_context& context);
std::optional<candidate> find_latency(const operation_context& context);
std::optional<candidate> find_slow_query(const operation_context& context);
std::optional<candidate> find_n_plus_one(const operation_context& context);
std::optional<candidate> find_rate_limit_burst(const operation_context& context);

// The members every signal of the operation shares.
model::signal start_signal(const operation_context& context, model::signal_kind kind);

}  // namespace reprise::detect
