#pragma once

#include "reprise/base/metrics.hpp"
#include "reprise/runs/decisions.hpp"

#include <array>
#include <cstdint>

namespace reprise::runs {

// How many approvals are in which state, and how long the oldest pending one waits, for whoever watches /metrics.
// One owner at a time.
class approval_gauges {
public:
    explicit approval_gauges(metrics& numbers);

    void show(const sweep_report& swept, std::int64_t now_ns);

private:
    static constexpr std::size_t states = 9;

    std::array<gauge*, states> by_state_{};
    gauge& oldest_age_s_;
    counter& reminders_;
    counter& voided_;
};

}  // namespace reprise::runs
