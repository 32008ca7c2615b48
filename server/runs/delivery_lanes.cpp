#include "delivery_lanes.hpp"

#include <algorithm>

namespace reprise::runs {

std::size_t delivery_lanes::find_room(
    std::string_view endpoint_id, const lane_pace& pace, std::int64_t steady_ns
) const
{
    const std::lock_guard lock(mutex_);
    const std::size_t free = at_once_max_ - std::min(under_way_, at_once_max_);
    const auto found = lanes_.find(endpoint_id);
    if (found == lanes_.end())
        return std::min({free, pace.at_once_max, pace.burst});
    const lane& one = found->second;
    if (steady_ns < one.paused_ns)
        return 0;
    const std::size_t places = pace.at_once_max - std::min(one.under_way, pace.at_once_max);
    const std::int64_t ahead_ns = std::max<std::int64_t>(one.next_ns - steady_ns, 0);
    const auto taken = static_cast<std::size_t>((ahead_ns + pace.gap_ns - 1) / pace.gap_ns);
    return std::min({free, places, pace.burst - std::min(taken, pace.burst)});
}

void delivery_lanes::begin(std::string_view endpoint_id, const lane_pace& pace, std::int64_t steady_ns)
{
    const std::lock_guard lock(mutex_);
    lane& one = lanes_[std::string(endpoint_id)];
    one.under_way += 1;
    one.next_ns = std::max(one.next_ns, steady_ns) + pace.gap_ns;
    under_way_ += 1;
}

void delivery_lanes::end(std::string_view endpoint_id)
{
    const std::lock_guard lock(mutex_);
    const auto found = lanes_.find(endpoint_id);
    if (found == lanes_.end() || found->second.under_way == 0)
        return;
    found->second.under_way -= 1;
    under_way_ -= 1;
}

void delivery_lanes::pause(std::string_view endpoint_id, std::int64_t until_ns)
{
    const std::lock_guard lock(mutex_);
    lane& one = lanes_[std::string(endpoint_id)];
    one.paused_ns = std::max(one.paused_ns, until_ns);
}

std::size_t delivery_lanes::under_way() const
{
    const std::lock_guard lock(mutex_);
    return under_way_;
}

void delivery_lanes::forget_idle(std::int64_t steady_ns)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(lanes_, [steady_ns](const auto& named) {
        const lane& one = named.second;
        return one.under_way == 0 && one.next_ns <= steady_ns && one.paused_ns <= steady_ns;
    });
}

std::size_t delivery_lanes::size() const
{
    const std::lock_guard lock(mutex_);
    return lanes_.size();
}

}  // namespace reprise::runs
