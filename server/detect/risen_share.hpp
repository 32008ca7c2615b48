#pragma once

#include "operation_context.hpp"

#include <cstdint>
#include <optional>

namespace reprise::detect {

enum class share_of : std::uint8_t {
    failing,    // Without 429 for client operations: those are the other test's.
    throttled,  // 429.
};

// What the baseline says about a share, with the service's own rate as prior.
struct share_baseline {
    double k = 0;         // Faded counts.
    double n = 0;
    double prior_k = 0;   // Weight of the prior: prior_k of prior_n.
    double prior_n = 0;

    double rate() const noexcept { return (prior_k + k) / (prior_n + n); }
};

struct share_result {
    std::uint64_t k = 0;  // Over `windows` windows.
    std::uint64_t n = 0;
    std::uint32_t windows = 1;
    std::int64_t since_ns = 0;
    double p = 1;
    share_baseline normal;

    double share() const noexcept { return n == 0 ? 0 : static_cast<double>(k) / static_cast<double>(n); }
};

share_baseline normal_share(const operation_context& context, share_of what);
std::uint64_t share_count(const operation_summary& window, share_of what) noexcept;

// The pooled windows that speak most clearly: significant, large enough and visible in the newest window itself.
std::optional<share_result> find_risen_share(const operation_context& context, share_of what);

// The lowest share the effect gate lets through.
double share_gate(double baseline_rate, const detection_limits& limits) noexcept;

}  // namespace reprise::detect
