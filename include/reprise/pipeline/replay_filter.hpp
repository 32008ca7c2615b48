#pragma once

#include "reprise/model/observation.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace reprise::pipeline {

// Tells replayed traffic from real traffic: it carries the X-Replay header or a trace id whose first
// half is the mark of a run. A plain value; the stream publishes a new one when marks change.
class replay_filter {
public:
    replay_filter() = default;
    explicit replay_filter(std::vector<std::uint64_t> marks) : marks_(std::move(marks))
    {
        std::sort(marks_.begin(), marks_.end());
    }

    // No run has a mark.
    bool empty() const noexcept { return marks_.empty(); }

    bool is_replay(const model::observation& observation) const noexcept
    {
        return observation.replayed || is_marked(observation.trace);
    }

    bool is_marked(const model::trace_id& trace) const noexcept
    {
        return !marks_.empty() && std::binary_search(marks_.begin(), marks_.end(), trace.high);
    }

private:
    std::vector<std::uint64_t> marks_;
};

}  // namespace reprise::pipeline
