#pragma once

#include <cstdint>

namespace reprise::pipeline {

// When something happened to this process: what the wall clock said, which may jump, and a clock that only runs.
// Event times are compared with the first, silence is measured with the second.
struct moment {
    std::int64_t wall_ns = 0;
    std::int64_t steady_ns = 0;

    constexpr moment(std::int64_t wall, std::int64_t steady) noexcept : wall_ns(wall), steady_ns(steady) {}
    // Both clocks agree: for tests and for input that is read from a file.
    constexpr moment(std::int64_t both) noexcept : moment(both, both) {}
};

// Keeps the wall clock from going back. When it does, time goes on from where it was, at the pace of the steady
// clock, until the wall clock has caught up or stood by its word for believe_after_ns. A plain value.
class wall_guard {
public:
    static constexpr std::int64_t believe_after_ns = 600'000'000'000;

    moment observe(std::int64_t wall_ns, std::int64_t steady_ns) noexcept
    {
        const std::int64_t expected_ns = last_.wall_ns + (steady_ns - last_.steady_ns);
        if (!started_ || wall_ns >= expected_ns) {
            behind_since_ns_ = steady_ns;
        } else if (steady_ns - behind_since_ns_ < believe_after_ns) {
            wall_ns = expected_ns;
        } else {
            behind_since_ns_ = steady_ns;
        }
        started_ = true;
        last_ = {wall_ns, steady_ns};
        return last_;
    }

private:
    moment last_{0, 0};
    std::int64_t behind_since_ns_ = 0;
    bool started_ = false;
};

}  // namespace reprise::pipeline
