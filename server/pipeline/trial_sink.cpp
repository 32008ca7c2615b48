#include "reprise/pipeline/trial_sink.hpp"

#include <algorithm>

namespace reprise::pipeline {

void trial_sink::mark(std::uint64_t mark)
{
    const std::lock_guard lock(mutex_);
    if (std::find(marks_.begin(), marks_.end(), mark) != marks_.end())
        return;
    marks_.push_back(mark);
    filter_ = std::make_shared<const replay_filter>(marks_);
}

void trial_sink::listen(std::uint64_t mark)
{
    const std::lock_guard lock(mutex_);
    runs_.try_emplace(mark);
}

void trial_sink::forget(std::uint64_t mark)
{
    const std::lock_guard lock(mutex_);
    runs_.erase(mark);
}

std::shared_ptr<const replay_filter> trial_sink::filter() const
{
    const std::lock_guard lock(mutex_);
    return filter_;
}

void trial_sink::take(const model::observation_batch& batch, const replay_filter& filter)
{
    if (filter.empty())
        return;
    for (const model::observation& call : batch.observations) {
        if (!filter.is_marked(call.trace))
            continue;
        const std::lock_guard lock(mutex_);
        const auto run = runs_.find(call.trace.high);
        if (run == runs_.end())
            continue;
        if (run->second.observations.size() >= observations_max) {
            ++run->second.dropped;
            continue;
        }
        run->second.observations.push_back(call);
        // The inbound span ends last, so its children were exported with it or before it.
        const model::operation_view& operation = batch.operations[call.operation_index];
        if (operation.kind == model::operation_kind::server && operation.source == model::source::span)
            run->second.finished.insert(call.trace.low);
    }
}

std::vector<model::observation> trial_sink::observations(std::uint64_t mark) const
{
    const std::lock_guard lock(mutex_);
    const auto run = runs_.find(mark);
    return run != runs_.end() ? run->second.observations : std::vector<model::observation>();
}

bool trial_sink::complete(std::uint64_t mark, std::span<const model::trace_id> wanted) const
{
    const std::lock_guard lock(mutex_);
    const auto run = runs_.find(mark);
    if (run == runs_.end())
        return wanted.empty();
    const auto& finished = run->second.finished;
    return std::all_of(wanted.begin(), wanted.end(), [&finished](const auto& trace) {
        return finished.contains(trace.low);
    });
}

}  // namespace reprise::pipeline
