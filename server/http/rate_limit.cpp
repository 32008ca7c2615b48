#include "rate_limit.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>

namespace reprise::http {

rate_limiter::rate_limiter(rate allowed, std::size_t keys_max)
    : interval_ns_(static_cast<std::int64_t>(static_cast<double>(ns_per_s) / allowed.per_s)),
      debt_max_ns_(static_cast<std::int64_t>(static_cast<double>(interval_ns_) * (allowed.burst - 1))),
      keys_max_(keys_max)
{
}

rate_limiter::position rate_limiter::find_or_add(std::string_view key, std::int64_t steady_ns)
{
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) {
        entries_.splice(entries_.begin(), entries_, known->second);
        return known->second;
    }
    if (entries_.size() >= keys_max_) {
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
    entries_.push_front({std::string(key), steady_ns});
    by_key_.emplace(entries_.front().key, entries_.begin());
    return entries_.begin();
}

std::optional<std::int64_t> rate_limiter::take(std::string_view key, std::int64_t steady_ns)
{
    const std::lock_guard lock(mutex_);
    entry& one = *find_or_add(key, steady_ns);
    const std::int64_t debt_ns = std::max<std::int64_t>(one.paid_ns - steady_ns, 0);
    if (debt_ns > debt_max_ns_)
        return (debt_ns - debt_max_ns_ + ns_per_s - 1) / ns_per_s;
    one.paid_ns = steady_ns + debt_ns + interval_ns_;
    return std::nullopt;
}

std::size_t rate_limiter::size() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace reprise::http
