#include "token_times.hpp"

#include "limits.hpp"

#include <algorithm>

namespace reprise::synth {

void token_times::add(std::int64_t at_ns)
{
    if (count_ > 0)
        largest_gap_ns_ = std::max(largest_gap_ns_, at_ns - last_ns_);
    last_ns_ = at_ns;
    // One place is left for the last.
    if (count_ % step_ == 0 && kept_.size() + 1 >= token_events_max) {
        std::size_t size = 0;
        for (std::size_t i = 0; i < kept_.size(); i += 2)
            kept_[size++] = kept_[i];
        kept_.resize(size);
        step_ *= 2;
    }
    if (count_ % step_ == 0)
        kept_.push_back(at_ns);
    ++count_;
}

std::vector<std::int64_t> token_times::sample() const
{
    std::vector<std::int64_t> out = kept_;
    if (count_ > 0 && (count_ - 1) % step_ != 0)
        out.push_back(last_ns_);
    return out;
}

}  // namespace reprise::synth
