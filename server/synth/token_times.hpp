#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise::synth {

// When the tokens of a stream went out. Of many it keeps an even sample: the first, the last and what lies between at
// regular distances, at most token_events_max in all. Pure.
class token_times {
public:
    void add(std::int64_t at_ns);

    std::int64_t count() const noexcept { return count_; }
    std::int64_t first_ns() const noexcept { return kept_.empty() ? 0 : kept_.front(); }
    std::int64_t largest_gap_ns() const noexcept { return largest_gap_ns_; }
    std::vector<std::int64_t> sample() const;

private:
    std::vector<std::int64_t> kept_;  // Every step_-th, the first included.
    std::int64_t step_ = 1;
    std::int64_t count_ = 0;
    std::int64_t last_ns_ = 0;
    std::int64_t largest_gap_ns_ = 0;
};

}  // namespace reprise::synth
