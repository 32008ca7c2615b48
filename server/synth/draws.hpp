#pragma once

#include "reprise/base/hash.hpp"

#include <cstdint>

namespace reprise::synth {

// What chance decides in a run.
enum class draw : std::uint64_t { jitter = 1, tool_error, thought, stop, next_run };

// Chance that can be repeated: every draw is a function of the seed and its place, so that the order in which workers
// come to it does not matter.
class draws {
public:
    explicit constexpr draws(std::uint64_t seed) noexcept : seed_(seed) {}

    // For another process to draw with. At most 63 bits, so that it is a whole number everywhere.
    constexpr std::uint64_t seed_of(draw what, std::uint64_t index, std::uint64_t attempt = 0) const noexcept
    {
        constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
        const std::uint64_t place = mix64(static_cast<std::uint64_t>(what) + odd * (index + 1)) + odd * attempt;
        return mix64(seed_ + mix64(place)) >> 1;
    }

    // 0 <= x < 1.
    constexpr double fraction(draw what, std::uint64_t index, std::uint64_t attempt = 0) const noexcept
    {
        return static_cast<double>(seed_of(what, index, attempt) >> 10) * 0x1.0p-53;
    }

    // Both ends can come up.
    constexpr int between(int low, int high, draw what, std::uint64_t index, std::uint64_t attempt = 0) const noexcept
    {
        return low + static_cast<int>(fraction(what, index, attempt) * (high - low + 1));
    }

private:
    std::uint64_t seed_;
};

}  // namespace reprise::synth
