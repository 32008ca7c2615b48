#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace reprise::pipeline {

// Shared by everything that was fed from one journal segment: batches on their way, open windows,
// closed ones until they are committed. When the last lets go, the segment has served and is deleted,
// unless one of them said keep(). Safe from any thread.
class segment_hold {
public:
    explicit segment_hold(std::function<void()> served) : served_(std::move(served)) {}
    ~segment_hold()
    {
        if (!kept_.load(std::memory_order_relaxed))
            served_();
    }
    segment_hold(const segment_hold&) = delete;
    segment_hold& operator=(const segment_hold&) = delete;

    // What was fed from it is not safe elsewhere: the next start needs the segment.
    void keep() noexcept { kept_.store(true, std::memory_order_relaxed); }

    // Makes `copies`, the segment that entries of this one were written to again, last as long. The
    // caller must hold this; one caller at a time.
    void carry(std::shared_ptr<segment_hold> copies) { copies_ = std::move(copies); }

private:
    std::function<void()> served_;  // Must not throw.
    std::atomic<bool> kept_{false};
    std::shared_ptr<segment_hold> copies_;
};

using shared_hold = std::shared_ptr<segment_hold>;

}  // namespace reprise::pipeline
