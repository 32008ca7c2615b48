#pragma once

#include "reprise/archive/s3_store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace reprise::archive {

// How one attempt of a request ended.
enum class attempt_end : std::uint8_t {
    done,       // Answered, well or not: another attempt would get the same.
    not_sent,   // No connection: nothing can have happened.
    put_off,    // The server said: later.
    lost,       // The connection ended before the answer did; it may have happened.
};

// When to send again. A plain value, stepped by hand.
class s3_attempts {
public:
    s3_attempts(const s3_limits& limits, bool repeatable) noexcept : limits_(limits), repeatable_(repeatable) {}

    // How long to wait before the next attempt; nothing: this was the last. `chance` in [0, 1) spreads the
    // waits of many clients over half of their length; what the server asked for is waited for, up to delay_max.
    std::optional<std::chrono::milliseconds> next(
        attempt_end end, double chance, std::optional<std::chrono::milliseconds> asked_for = std::nullopt
    ) noexcept;

    std::uint32_t count() const noexcept { return count_; }

private:
    const s3_limits& limits_;
    bool repeatable_;
    std::uint32_t count_ = 0;  // That ended.
};

}  // namespace reprise::archive
