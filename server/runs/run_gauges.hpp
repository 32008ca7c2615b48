#pragma once

#include "reprise/base/metrics.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/runs.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

// The queue as metrics: reprise_runs{kind,state} and reprise_runs_queue_age_seconds.
namespace reprise::runs {

class run_gauges {
public:
    explicit run_gauges(metrics& numbers);

    void show(
        std::span<const store::run_figure> figures, std::optional<std::int64_t> ready_since_ns, std::int64_t now_ns
    );

private:
    // States a run stays in; the others are over, or never stored.
    static constexpr std::array states = {
        model::run_state::queued, model::run_state::leased,        model::run_state::waiting_approval,
        model::run_state::paused, model::run_state::paused_budget, model::run_state::dead_letter};

    std::array<std::array<gauge*, states.size()>, model::run_kinds.size()> counts_;
    gauge& queue_age_;
};

}  // namespace reprise::runs
