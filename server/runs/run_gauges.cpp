#include "run_gauges.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/run_pause.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace reprise::runs {
namespace {

std::string_view hold_text(std::size_t index)
{
    return index == 0 ? lifecycle::hold_by_person : lifecycle::to_text(lifecycle::hold_reasons[index - 1]);
}

}  // namespace

result<queue_figures> load_figures(const store::reader& from)
{
    queue_figures figures;
    auto counts = store::list_run_figures(from);
    if (!counts)
        return counts.error();
    auto holds = store::list_hold_figures(from);
    if (!holds)
        return holds.error();
    const auto since = store::find_ready_since_ns(from);
    if (!since)
        return since.error();
    const auto pause = store::find_run_pause(from);
    if (!pause)
        return pause.error();
    figures.counts = std::move(*counts);
    figures.holds = std::move(*holds);
    figures.ready_since_ns = *since;
    figures.all_paused = pause->has_value();
    return figures;
}

run_gauges::run_gauges(metrics& numbers)
    : queue_age_(numbers.add_gauge(
          "reprise_runs_queue_age_seconds", "How long the run that waits longest could have been claimed."
      )),
      all_paused_(numbers.add_gauge("reprise_all_runs_paused", "1 while a person keeps all runs from being claimed."))
{
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        for (std::size_t state = 0; state < states.size(); ++state) {
            std::string labels = "kind=\"" + std::string(model::to_text(model::run_kinds[kind]));
            labels += "\",state=\"" + std::string(model::to_text(states[state])) + "\"";
            counts_[kind][state] =
                &numbers.add_gauge("reprise_runs", "Runs that are not over, and dead letters.", labels);
        }
    }
    for (std::size_t i = 0; i < holds; ++i)
        holds_[i] = &numbers.add_gauge(
            "reprise_runs_paused", "Paused runs by who holds them: a person or a breaker.",
            "hold=\"" + std::string(hold_text(i)) + "\""
        );
}

void run_gauges::show(const queue_figures& figures, std::int64_t now_ns)
{
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        for (std::size_t state = 0; state < states.size(); ++state) {
            const auto is_this = [kind, state](const store::run_figure& one) {
                return one.kind == model::run_kinds[kind] && one.state == states[state];
            };
            const auto found = std::find_if(figures.counts.begin(), figures.counts.end(), is_this);
            counts_[kind][state]->set(found == figures.counts.end() ? 0 : static_cast<std::int64_t>(found->count));
        }
    }
    for (std::size_t i = 0; i < holds; ++i) {
        const auto is_this = [i](const store::hold_figure& one) { return one.hold == hold_text(i); };
        const auto found = std::find_if(figures.holds.begin(), figures.holds.end(), is_this);
        holds_[i]->set(found == figures.holds.end() ? 0 : static_cast<std::int64_t>(found->count));
    }
    const std::int64_t since_ns = figures.ready_since_ns.value_or(now_ns);
    const std::int64_t waited_ns = std::max<std::int64_t>(now_ns - since_ns, 0);
    queue_age_.set(waited_ns / ns_per_s);
    all_paused_.set(figures.all_paused ? 1 : 0);
}

}  // namespace reprise::runs
