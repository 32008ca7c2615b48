#include "joint_work.hpp"

#include "reprise/base/task_group.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace asio = boost::asio;

namespace reprise::synth {

std::shared_ptr<joint_work> joint_work::begin(
    asio::any_io_executor loop, task_group& tasks, std::vector<piece> pieces
)
{
    const std::shared_ptr<joint_work> all(new joint_work(loop, pieces.size()));
    for (piece& one : pieces) {
        if (!tasks.spawn("work", run_piece(all, std::move(one))))
            all->end_one(work_error("cancelled", "the agent stops"));
    }
    return all;
}

asio::awaitable<void> joint_work::run_piece(std::shared_ptr<joint_work> all, piece one)
{
    work_result result = work_error("cancelled", "the work was cut off");
    try {
        result = co_await std::move(one);
    } catch (...) {
        all->end_one(std::move(result));
        throw;
    }
    all->end_one(std::move(result));
}

void joint_work::end_one(work_result result)
{
    --left_;
    if (!result && !first_error_)
        first_error_ = std::move(result).error();
    if (left_ == 0 || first_error_)
        done_.cancel();
}

asio::awaitable<work_result> joint_work::wait()
{
    const auto keep = shared_from_this();
    while (left_ > 0 && !first_error_) {
        boost::system::error_code ignored;  // A cancelled timer is the good case.
        co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (first_error_)
        co_return *first_error_;
    co_return work_result();
}

}  // namespace reprise::synth
