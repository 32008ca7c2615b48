#include "byte_budget.hpp"

#include <algorithm>

namespace reprise::ingest {

byte_budget::taken byte_budget::take(const std::string& source, std::size_t bytes, time_point now)
{
    const std::lock_guard lock(mutex_);
    forget_old(now);
    holder& from = find_or_add(source);
    from.came_ = now;
    const std::size_t total = bytes_.load(std::memory_order_relaxed) + bytes;
    if (total > bytes_max_)
        return {verdict::full};
    const bool crowded = total > bytes_max_ / 2;
    const std::size_t share = bytes_max_ / std::max<std::size_t>(holders_.size(), 1);
    // Whoever holds nothing may take one request, however small the shares are.
    if (crowded && from.bytes_ > 0 && from.bytes_ + bytes > share)
        return {verdict::over_share};
    from.bytes_ += bytes;
    bytes_.store(total, std::memory_order_relaxed);
    return {verdict::admitted, &from};
}

void byte_budget::give_back(holder& from, std::size_t bytes) noexcept
{
    const std::lock_guard lock(mutex_);
    from.bytes_ -= bytes;
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

std::size_t byte_budget::sources() const
{
    const std::lock_guard lock(mutex_);
    return holders_.size();
}

byte_budget::holder& byte_budget::find_or_add(const std::string& source)
{
    const auto found = holders_.find(source);
    if (found != holders_.end())
        return found->second;
    if (holders_.size() >= sources_max)
        return others_;
    return holders_.emplace(source, holder{}).first->second;
}

void byte_budget::forget_old(time_point now)
{
    constexpr std::chrono::seconds between_looks{1};
    if (now - looked_ < between_looks)
        return;
    looked_ = now;
    std::erase_if(holders_, [now](const auto& one) {
        return one.second.bytes_ == 0 && now - one.second.came_ > remembered;
    });
}

}  // namespace reprise::ingest
