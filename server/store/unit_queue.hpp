#pragma once

#include "reprise/store/database.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace reprise::store {

struct queued_unit {
    std::shared_ptr<detail::unit> unit;
    std::function<void()> answer;  // Called once, from any thread, when the unit holds its answer.
};

// Bounded, first in first out, several producers and consumers.
class unit_queue {
public:
    explicit unit_queue(std::size_t units_max) : units_max_(units_max) {}

    // A full or closed queue answers the unit with errc::unavailable at once.
    void push(queued_unit item);

    // Waits for at least one unit and takes up to `count_max`. Empty when `idle` passed (if given) or
    // when the queue is closed and drained.
    std::vector<queued_unit> take(std::size_t count_max, std::optional<std::chrono::milliseconds> idle = {});

    void close();
    bool finished() const;  // Closed and drained.
    std::size_t size() const;
    std::uint64_t refused() const;

private:
    const std::size_t units_max_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<queued_unit> units_;
    std::uint64_t refused_ = 0;
    bool closed_ = false;
};

}  // namespace reprise::store
