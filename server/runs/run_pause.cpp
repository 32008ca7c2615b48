#include "reprise/runs/run_pause.hpp"

#include "run_retry.hpp"

#include "reprise/lifecycle/run_machine.hpp"
#include "reprise/store/runs.hpp"

namespace reprise::runs {
namespace {

result<void> give_back(store::transaction& tx, const model::run& run, const store::run_pause& pause)
{
    auto released = lifecycle::release(run, run.lease_epoch, pause.since_ns);
    if (!released)
        return released.error();
    if (auto saved = store::save_run_by_version(tx, *released, run.version); !saved)
        return saved;
    return log_to_run(
        tx, run.id, "given back: all runs are paused by " + pause.paused_by + ": " + pause.reason, pause.since_ns
    );
}

}  // namespace

result<void> pause_all_runs(store::transaction& tx, const store::run_pause& pause)
{
    if (auto set = store::insert_run_pause(tx, pause); !set)
        return set;
    store::run_filter leased;
    leased.state = model::run_state::leased;
    leased.limit = store::runs_listed_max;
    for (;;) {
        const auto runs = store::list_runs(tx, leased);
        if (!runs)
            return runs.error();
        if (runs->empty())
            return {};
        for (const model::run& run : *runs) {
            if (auto back = give_back(tx, run, pause); !back)
                return back;
        }
    }
}

result<void> resume_all_runs(store::transaction& tx, std::int64_t now_ns)
{
    return store::delete_run_pause(tx, now_ns);
}

}  // namespace reprise::runs
