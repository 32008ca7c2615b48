#include "run_signals.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace reprise::runs {

namespace asio = boost::asio;

namespace {

// Leaves the list of those who wait, however the wait ends.
template <class Leave>
class at_end {
public:
    explicit at_end(Leave leave) : leave_(std::move(leave)) {}
    ~at_end() { leave_(); }
    at_end(const at_end&) = delete;
    at_end& operator=(const at_end&) = delete;

private:
    Leave leave_;
};

}  // namespace

void run_signals::note(const store::run_notice& notice)
{
    std::vector<std::shared_ptr<bell>> ringing;
    {
        const std::lock_guard lock(mutex_);
        for (const watched& one : watched_) {
            const bool is_ended = std::any_of(notice.ended.begin(), notice.ended.end(), [&one](const auto& ended) {
                return ended.run_id == one.run_id && one.epoch <= ended.epoch;
            });
            if (is_ended)
                ringing.push_back(one.ended);
        }
    }
    for (const auto& one : ringing)
        one->ring();
    if (notice.work_due)
        wake_one();
}

asio::awaitable<void> run_signals::wait_for_work(std::chrono::milliseconds limit)
{
    const auto strand = co_await asio::this_coro::executor;
    const auto own = std::make_shared<bell>(strand);
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(due_, false))
            co_return;
        idle_.push_back(own);
    }
    auto leave = [this, &own] { forget_idle(own); };
    const at_end until_the_end(std::move(leave));
    co_await own->wait(limit);
}

// When nobody waits, somebody may be about to, after a look at the queue that came too early.
void run_signals::wake_one()
{
    std::shared_ptr<bell> next;
    {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) {
            due_ = true;
            return;
        }
        next = std::move(idle_.back());
        idle_.pop_back();
    }
    next->ring();
}

void run_signals::forget_idle(const std::shared_ptr<bell>& one)
{
    const std::lock_guard lock(mutex_);
    std::erase(idle_, one);
}

void run_signals::forget_watched(const std::shared_ptr<bell>& one)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(watched_, [&one](const watched& each) { return each.ended == one; });
}

lease_watch::lease_watch(
    run_signals& signals, asio::any_io_executor strand, std::string run_id, std::int64_t epoch
)
    : signals_(signals), ended_(std::make_shared<bell>(std::move(strand)))
{
    const std::lock_guard lock(signals_.mutex_);
    signals_.watched_.push_back({std::move(run_id), epoch, ended_});
}

lease_watch::~lease_watch()
{
    signals_.forget_watched(ended_);
}

asio::awaitable<bool> lease_watch::wait(std::chrono::nanoseconds limit)
{
    return ended_->wait(limit);
}

}  // namespace reprise::runs
