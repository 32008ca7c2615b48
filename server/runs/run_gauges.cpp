#include "run_gauges.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <string>

namespace reprise::runs {

run_gauges::run_gauges(metrics& numbers)
    : queue_age_(numbers.add_gauge(
          "reprise_runs_queue_age_seconds", "How long the run that waits longest could have been claimed."
      ))
{
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        for (std::size_t state = 0; state < states.size(); ++state) {
            std::string labels = "kind=\"" + std::string(model::to_text(model::run_kinds[kind]));
            labels += "\",state=\"" + std::string(model::to_text(states[state])) + "\"";
            counts_[kind][state] =
                &numbers.add_gauge("reprise_runs", "Runs that are not over, and dead letters.", labels);
        }
    }
}

void run_gauges::show(
    std::span<const store::run_figure> figures, std::optional<std::int64_t> ready_since_ns, std::int64_t now_ns
)
{
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        for (std::size_t state = 0; state < states.size(); ++state) {
            const auto is_this = [kind, state](const store::run_figure& one) {
                return one.kind == model::run_kinds[kind] && one.state == states[state];
            };
            const auto found = std::find_if(figures.begin(), figures.end(), is_this);
            counts_[kind][state]->set(found == figures.end() ? 0 : static_cast<std::int64_t>(found->count));
        }
    }
    const std::int64_t waited_ns = ready_since_ns ? std::max<std::int64_t>(now_ns - *ready_since_ns, 0) : 0;
    queue_age_.set(waited_ns / ns_per_s);
}

}  // namespace reprise::runs
