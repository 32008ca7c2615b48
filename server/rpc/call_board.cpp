#include "call_board.hpp"

#include <algorithm>

namespace reprise::rpc {
namespace {

// How late a deadline may be noticed, at most.
constexpr auto watch_interval_max = std::chrono::milliseconds(1000);

}  // namespace

call_board::call_board(std::size_t calls_max, std::chrono::milliseconds receive_timeout)
    : calls_max_(calls_max), receive_timeout_(receive_timeout), watch_([this] { run_watch(); })
{
}

call_board::~call_board()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    watch_.join();
}

bool call_board::enter() noexcept
{
    if (calls_.fetch_add(1, std::memory_order_acq_rel) < calls_max_)
        return true;
    leave();
    return false;
}

call_board::seat call_board::sit_down(waiting_call& call)
{
    const auto deadline = std::chrono::steady_clock::now() + receive_timeout_;
    const std::lock_guard lock(mutex_);
    return waiting_.insert(waiting_.end(), {deadline, &call});
}

void call_board::stand_up(seat place)
{
    const std::lock_guard lock(mutex_);
    waiting_.erase(place);
}

// Overdue calls keep their seat, to be told again if they should not end; their hold keeps them alive
// while they are told.
std::vector<waiting_call*> call_board::hold_overdue(time_point now)
{
    std::vector<waiting_call*> overdue;
    for (auto& [deadline, call] : waiting_) {
        if (deadline > now)
            break;
        call->hold();
        overdue.push_back(call);
    }
    return overdue;
}

void call_board::run_watch()
{
    const auto interval = std::min(receive_timeout_, watch_interval_max);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, interval, [this] { return stopping_; })) {
        const auto overdue = hold_overdue(std::chrono::steady_clock::now());
        // Giving up may end the call on this very thread, and that takes the mutex.
        lock.unlock();
        for (waiting_call* call : overdue) {
            call->give_up();
            call->release();
        }
        lock.lock();
    }
}

}  // namespace reprise::rpc
