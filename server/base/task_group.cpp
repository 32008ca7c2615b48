#include "reprise/base/task_group.hpp"

#include "reprise/base/error.hpp"
#include "reprise/base/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <string>
#include <utility>

namespace asio = boost::asio;

namespace reprise {

task_group::task_group(asio::any_io_executor pool)
    : pool_(std::move(pool)), strand_(asio::make_strand(pool_)), drained_(strand_)
{
}

bool task_group::spawn(std::string_view name, asio::awaitable<void> task)
{
    // Counted before the flag is read: drain() sees either the count or a refused task.
    size_.fetch_add(1, std::memory_order_acq_rel);
    if (stopping()) {
        size_.fetch_sub(1, std::memory_order_acq_rel);
        return false;
    }
    auto shared = std::make_shared<asio::awaitable<void>>(std::move(task));
    auto begin = [this, name = std::string(name), shared = std::move(shared)]() mutable {
        start(std::move(name), std::move(shared));
    };
    asio::dispatch(strand_, std::move(begin));
    return true;
}

void task_group::start(std::string name, std::shared_ptr<asio::awaitable<void>> task)
{
    asio::any_io_executor task_strand = asio::make_strand(pool_);
    auto signal = std::make_shared<asio::cancellation_signal>();
    const auto it = tasks_.insert(tasks_.end(), entry{task_strand, signal});

    auto on_end = [this, it, name = std::move(name)](std::exception_ptr error) {
        if (error && !stopping())
            log_exception(name, error);
        tasks_.erase(it);
        if (size_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            drained_.cancel();
    };

    // The task runs on its own strand; its end is reported on ours, so tasks_ needs no lock.
    asio::co_spawn(
        task_strand,
        std::move(*task),
        asio::bind_cancellation_slot(
            signal->slot(), asio::bind_executor(strand_, std::move(on_end))
        )
    );
    if (stopping())
        fire(*it);
}

void task_group::fire(const entry& task)
{
    // A cancellation_signal is not thread-safe, so it fires where the task runs. The copy keeps it
    // alive if the task ends first.
    auto emit = [signal = task.signal] { signal->emit(asio::cancellation_type::terminal); };
    asio::post(task.strand, std::move(emit));
}

void task_group::stop()
{
    stopping_.store(true, std::memory_order_release);
    auto fire_all = [this] {
        for (const entry& task : tasks_)
            fire(task);
    };
    asio::dispatch(strand_, std::move(fire_all));
}

asio::awaitable<bool> task_group::drain(std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    // The count may fall between the check and the wait; a short slice bounds that race without a lock.
    while (size() > 0 && std::chrono::steady_clock::now() < deadline) {
        error_code ignored;  // A cancelled wait is the good case: the last task ended.
        drained_.expires_after(std::chrono::milliseconds(20));
        co_await drained_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return size() == 0;
}

}  // namespace reprise
