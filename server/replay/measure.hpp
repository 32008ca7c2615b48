#pragma once

#include "reprise/replay/trial.hpp"

#include <cstdint>
#include <vector>

namespace reprise::replay {

// What one arm of a trial measured.
struct arm_sample {
    std::vector<double> values;  // One per request that could be measured; 0 or 1 for failing_share.
    // Beside them, for the other half of a twofold metric: 1 for what failed in any way; calls in flight of a burst.
    std::vector<double> by_class;
    std::vector<double> peaks;
    std::uint32_t planned = 0;
    std::uint32_t sent = 0;
    std::uint32_t answered = 0;
    std::uint32_t traced = 0;    // Answered and reported about by the target.
    std::uint32_t refused = 0;   // Of last_good: answers that say nothing about what was asked.
    std::uint32_t peak_in_flight = 0;
    std::uint32_t max_arrivals_50ms = 0;
    std::uint32_t calls_per_parent = 0;
};

arm_sample measure_arm(
    const trial_plan& plan, arm which, std::span<const request_record> requests,
    std::span<const model::observation> observed
);

// A call that reaches beyond the end of time counts as its start alone.
detect::call_interval interval_of(const model::observation& call);

// The code decides it, not the request: calls_per_parent, burst and trace_figure.
bool is_structural(const trial_plan& plan) noexcept;

// Whether enough was answered. A failing request may be silent (that is how some fail); then the good ones say
// whether the target lives, and without them silence says nothing.
bool has_answers(const trial_plan& plan, const trial& done) noexcept;

// Whether the target is in a state that a trial can say something about.
bool is_target_normal(const trial_plan& plan, const trial& measured) noexcept;

// 0 of none.
double share(double k, double n) noexcept;

// Of rank ceil(q n); 0 for none.
double nearest_rank(std::vector<double> values, double q);

}  // namespace reprise::replay
