#pragma once

#include "reprise/base/content_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

namespace reprise::pipeline {

// Which bodies came lately, by their hash: how a batch is recognised that a sender sends again because
// the answer was lost. Forgets what is older than the horizon, and the oldest beyond entries_max.
// Not for several threads. When the clock goes back, forgetting waits.
class recent_bodies {
public:
    recent_bodies(std::size_t entries_max, std::int64_t horizon_ns) : entries_max_(entries_max), horizon_ns_(horizon_ns)
    {
    }

    bool contains(const content_hash& body, std::int64_t now_ns)
    {
        forget_before(now_ns - horizon_ns_);
        return known_.contains(body);
    }

    void add(const content_hash& body, std::int64_t now_ns)
    {
        if (horizon_ns_ <= 0 || entries_max_ == 0 || !known_.insert(body).second)
            return;
        by_age_.push_back({body, now_ns});
        if (by_age_.size() > entries_max_)
            forget_oldest();
    }

    std::size_t size() const noexcept { return by_age_.size(); }

private:
    struct entry {
        content_hash body;
        std::int64_t came_ns = 0;
    };

    void forget_before(std::int64_t time_ns)
    {
        while (!by_age_.empty() && by_age_.front().came_ns < time_ns)
            forget_oldest();
    }

    void forget_oldest()
    {
        known_.erase(by_age_.front().body);
        by_age_.pop_front();
    }

    std::size_t entries_max_;
    std::int64_t horizon_ns_;
    std::unordered_set<content_hash> known_;
    std::deque<entry> by_age_;
};

}  // namespace reprise::pipeline
