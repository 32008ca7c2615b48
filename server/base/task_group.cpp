#include "reprise/base/task_group.hpp"

#include "reprise/base/error.hpp"
#include "reprise/base/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <list>
#include <string>
#include <utility>

namespace asio = boost::asio;

namespace reprise {
namespace {

struct entry {
    asio::any_io_executor strand;
    std::shared_ptr<asio::cancellation_signal> signal;
};

void fire(const entry& task)
{
    // A cancellation_signal is not thread-safe, so it fires where the task runs. The copy keeps it
    // alive if the task ends first.
    auto emit = [signal = task.signal] { signal->emit(asio::cancellation_type::terminal); };
    asio::post(task.strand, std::move(emit));
}

}  // namespace

struct task_group::state {
    explicit state(asio::any_io_executor pool_in)
        : pool(std::move(pool_in)), strand(asio::make_strand(pool)), ended(strand)
    {
    }

    // One that was counted is no longer. On the strand, as are the next two.
    void leave()
    {
        if (size.fetch_sub(1, std::memory_order_acq_rel) == 1)
            ended.cancel();
    }
    static void start(const std::shared_ptr<state>& self, std::string name, asio::awaitable<void> task);
    static asio::awaitable<bool> wait_until_empty(
        std::shared_ptr<state> self, std::chrono::steady_clock::time_point deadline
    );

    asio::any_io_executor pool;
    asio::any_io_executor strand;
    asio::steady_timer ended;  // On the strand only, as are the tasks.
    std::list<entry> tasks;
    std::atomic<std::size_t> size{0};
    std::atomic<bool> stopping{false};
};

void task_group::state::start(const std::shared_ptr<state>& self, std::string name, asio::awaitable<void> task)
{
    asio::any_io_executor task_strand = asio::make_strand(self->pool);
    auto signal = std::make_shared<asio::cancellation_signal>();
    const auto it = self->tasks.insert(self->tasks.end(), entry{task_strand, signal});

    auto on_end = [self, it, name = std::move(name)](std::exception_ptr error) {
        if (error && !self->stopping.load(std::memory_order_acquire))
            log_exception(name, error);
        self->tasks.erase(it);
        self->leave();
    };

    // The task runs on its own strand; its end is reported on ours, so the tasks need no lock.
    asio::co_spawn(
        task_strand,
        std::move(task),
        asio::bind_cancellation_slot(
            signal->slot(), asio::bind_executor(self->strand, std::move(on_end))
        )
    );
    if (self->stopping.load(std::memory_order_acquire))
        fire(*it);
}

asio::awaitable<bool> task_group::state::wait_until_empty(
    std::shared_ptr<state> self, std::chrono::steady_clock::time_point deadline
)
{
    while (self->size.load(std::memory_order_acquire) > 0 && std::chrono::steady_clock::now() < deadline) {
        error_code ignored;  // A cancelled wait is the good case: the last task ended.
        self->ended.expires_at(deadline);
        co_await self->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return self->size.load(std::memory_order_acquire) == 0;
}

task_group::task_group(asio::any_io_executor pool) : state_(std::make_shared<state>(std::move(pool))) {}

asio::any_io_executor task_group::strand() const
{
    return state_->strand;
}

std::size_t task_group::size() const noexcept
{
    return state_->size.load(std::memory_order_acquire);
}

bool task_group::stopping() const noexcept
{
    return state_->stopping.load(std::memory_order_acquire);
}

bool task_group::spawn(std::string_view name, asio::awaitable<void> task)
{
    // Counted before the flag is read: drain() sees either the count or a refused task.
    state_->size.fetch_add(1, std::memory_order_acq_rel);
    if (stopping()) {
        auto leave = [self = state_] { self->leave(); };
        asio::post(state_->strand, std::move(leave));
        return false;
    }
    auto shared = std::make_shared<asio::awaitable<void>>(std::move(task));
    auto begin = [self = state_, name = std::string(name), shared = std::move(shared)]() mutable {
        state::start(self, std::move(name), std::move(*shared));
    };
    asio::dispatch(state_->strand, std::move(begin));
    return true;
}

void task_group::stop()
{
    state_->stopping.store(true, std::memory_order_release);
    auto fire_all = [self = state_] {
        for (const entry& task : self->tasks)
            fire(task);
    };
    asio::dispatch(state_->strand, std::move(fire_all));
}

asio::awaitable<bool> task_group::drain(std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    auto waiting = state::wait_until_empty(state_, deadline);
    co_return co_await asio::co_spawn(state_->strand, std::move(waiting), asio::use_awaitable);
}

}  // namespace reprise
