#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/lifecycle/breaker.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/runs.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

// The queue as metrics: reprise_runs{kind,state}, reprise_runs_paused{hold}, reprise_runs_queue_age_seconds and
// reprise_all_runs_paused.
namespace reprise::runs {

struct queue_figures {
    std::vector<store::run_figure> counts;
    std::vector<store::hold_figure> holds;
    std::optional<std::int64_t> ready_since_ns;
    bool all_paused = false;

    queue_figures() = default;
};

result<queue_figures> load_figures(const store::reader& from);

class run_gauges {
public:
    explicit run_gauges(metrics& numbers);

    void show(const queue_figures& figures, std::int64_t now_ns);

private:
    // States a run stays in; the others are over, or never stored.
    static constexpr std::array states = {
        model::run_state::queued, model::run_state::leased,        model::run_state::waiting_approval,
        model::run_state::paused, model::run_state::paused_budget, model::run_state::dead_letter};

    // A person's, then those of the breakers.
    static constexpr std::size_t holds = 1 + lifecycle::hold_reasons.size();

    std::array<std::array<gauge*, states.size()>, model::run_kinds.size()> counts_;
    std::array<gauge*, holds> holds_;
    gauge& queue_age_;
    gauge& all_paused_;
};

}  // namespace reprise::runs
