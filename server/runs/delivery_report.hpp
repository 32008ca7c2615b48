#pragma once

#include "reprise/store/deliveries.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reprise::runs {

// What came of one attempt, whoever it went to.
struct delivery_report {
    bool delivered = false;
    bool gone = false;      // The endpoint wants no more, ever.
    bool refused = false;   // Another try cannot help; a person must act.
    bool put_off = false;   // Not tried: a rate limit. It costs no step of the ladder.
    bool known = true;      // False: sent, but nobody knows what came of it.
    bool busy = false;      // The whole endpoint should be left alone for a while.
    int status = 0;
    std::string error;      // Empty when delivered.
    std::string snippet;
    std::optional<std::chrono::seconds> asked_for;
};

// The row after this attempt: delivered, given up, or when it is tried again.
store::delivery_end decide_delivery(
    const store::delivery& one, const delivery_report& came, std::int64_t now_ns
);

// How long the endpoint is left alone after it; nothing when it is not busy.
std::optional<std::chrono::seconds> pause_after(const delivery_report& came);

}  // namespace reprise::runs
