#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/pipeline/replay_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace reprise::pipeline {

// What targets report about replayed requests, kept apart from real traffic: by the run's mark, for
// as long as the run listens. Safe from any thread.
class trial_sink {
public:
    static constexpr std::size_t observations_max = 100'000;  // Per run; more are counted, not kept.

    // From here on traces with this mark are replay: never windows, baselines or incidents. Marks stay
    // active until the process ends; the caller restores those of earlier runs (late spans).
    void mark(std::uint64_t mark);

    // Starts and ends keeping the observations of a mark.
    void listen(std::uint64_t mark);
    void forget(std::uint64_t mark);

    // The filter as it is now; cheap to call per batch.
    std::shared_ptr<const replay_filter> filter() const;

    // Keeps what belongs to a listening run.
    void take(const model::observation_batch& batch, const replay_filter& filter);

    // A copy of what the run's traces reported so far.
    std::vector<model::observation> observations(std::uint64_t mark) const;

    // True when each wanted trace has an inbound span.
    bool complete(std::uint64_t mark, std::span<const model::trace_id> wanted) const;

private:
    struct kept {
        std::vector<model::observation> observations;
        std::unordered_set<std::uint64_t> finished;  // Lower halves of traces whose inbound span came.
        std::uint64_t dropped = 0;
    };

    mutable std::mutex mutex_;
    std::vector<std::uint64_t> marks_;
    std::shared_ptr<const replay_filter> filter_ = std::make_shared<const replay_filter>();
    std::unordered_map<std::uint64_t, kept> runs_;
};

}  // namespace reprise::pipeline
