#include "unit_queue.hpp"

#include <algorithm>
#include <utility>

namespace reprise::store {

void unit_queue::push(queued_unit item)
{
    {
        const std::lock_guard lock(mutex_);
        if (!closed_ && units_.size() < units_max_) {
            units_.push_back(std::move(item));
            changed_.notify_one();
            return;
        }
        ++refused_;
    }
    item.unit->fail(reprise::errc::unavailable);
    item.answer();
}

std::vector<queued_unit> unit_queue::take(std::size_t count_max, std::optional<std::chrono::milliseconds> idle)
{
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || !units_.empty(); };
    if (idle)
        changed_.wait_for(lock, *idle, ready);
    else
        changed_.wait(lock, ready);
    std::vector<queued_unit> taken;
    const std::size_t count = std::min(count_max, units_.size());
    taken.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        taken.push_back(std::move(units_.front()));
        units_.pop_front();
    }
    return taken;
}

void unit_queue::close()
{
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

bool unit_queue::finished() const
{
    const std::lock_guard lock(mutex_);
    return closed_ && units_.empty();
}

std::size_t unit_queue::size() const
{
    const std::lock_guard lock(mutex_);
    return units_.size();
}

std::uint64_t unit_queue::refused() const
{
    const std::lock_guard lock(mutex_);
    return refused_;
}

}  // namespace reprise::store
