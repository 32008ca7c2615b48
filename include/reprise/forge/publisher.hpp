#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>

// The outbox's decision after each try, without the loop: when to try again, when to give up.
namespace reprise::forge {

struct outbox_policy {
    std::uint32_t attempts_max = 4;
    std::int64_t delay_first_ns = 60'000'000'000;
    std::int64_t delay_max_ns = 3'600'000'000'000;
};

enum class outbox_state : std::uint8_t { pending, published, failed };

struct outbox_decision {
    outbox_state state = outbox_state::pending;
    std::int64_t next_attempt_ns = 0;  // For pending.
};

// `attempts_done` counts the one that just ended, `error` is its end (no error: published). Pending
// again after the first delay, doubled each time; failed when no attempt is left or another one cannot
// help (invalid_argument, conflict, corrupt, too_large).
outbox_decision decide_next(
    std::uint32_t attempts_done, const error_code& error, std::int64_t now_ns, const outbox_policy& policy
);

}  // namespace reprise::forge
