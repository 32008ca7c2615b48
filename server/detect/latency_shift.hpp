#pragma once

#include "operation_context.hpp"

#include <cstdint>
#include <optional>

namespace reprise::detect {

// More answers above a normal quantile than chance allows, and that quantile itself moved.
struct shift_result {
    double quantile = 0.5;     // 0.5 or 0.9
    double observed_ns = 0;    // Over `windows` windows.
    double baseline_ns = 0;
    std::uint64_t above = 0;   // Answers slower than baseline_ns ...
    std::uint64_t n = 0;       // ... of so many.
    std::uint32_t windows = 1;
    std::int64_t since_ns = 0;
    double p = 1;
};

// Precondition: the baseline is ready.
std::optional<shift_result> find_shift(const operation_context& context);

// The shortest observed quantile that is large enough.
double latency_gate(double baseline_ns, const detection_limits& limits) noexcept;

}  // namespace reprise::detect
