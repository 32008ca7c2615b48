#include "reprise/base/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace reprise {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> count_up(std::atomic<int>& count)
{
    ++count;
    co_return;
}

asio::awaitable<void> wait_until_cancelled(std::atomic<int>& ended)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 1h);
    try {
        co_await timer.async_wait(asio::use_awaitable);
    } catch (const std::exception&) {
        ++ended;
        throw;
    }
}

asio::awaitable<void> fail()
{
    throw std::runtime_error("a bug");
    co_return;
}

bool drain(asio::thread_pool& pool, task_group& group)
{
    return asio::co_spawn(pool, group.drain(10s), asio::use_future).get();
}

TEST(task_group, drains_when_every_task_has_ended)
{
    asio::thread_pool pool(2);
    task_group group(pool.get_executor());
    std::atomic<int> count = 0;
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(group.spawn("count", count_up(count)));

    EXPECT_TRUE(drain(pool, group));
    EXPECT_EQ(count, 100);
    EXPECT_EQ(group.size(), 0U);
    pool.join();
}

TEST(task_group, stop_cancels_what_waits_and_refuses_what_comes)
{
    asio::thread_pool pool(2);
    task_group group(pool.get_executor());
    std::atomic<int> ended = 0;
    for (int i = 0; i < 20; ++i)
        group.spawn("wait", wait_until_cancelled(ended));

    group.stop();
    EXPECT_FALSE(group.spawn("late", count_up(ended)));
    EXPECT_TRUE(drain(pool, group));
    EXPECT_LE(ended, 20);
    EXPECT_EQ(group.size(), 0U);
    pool.join();
}

// Under ASan: what the last task, stop() or a refused spawn() still have to do must not touch a group that is gone.
TEST(task_group, may_go_as_soon_as_it_has_drained)
{
    asio::thread_pool pool(4);
    std::atomic<int> count = 0;
    for (int round = 0; round < 2000; ++round) {
        auto group = std::make_unique<task_group>(pool.get_executor());
        for (int i = 0; i < 3; ++i)
            group->spawn("count", count_up(count));
        group->stop();
        group->spawn("late", count_up(count));
        ASSERT_TRUE(drain(pool, *group));
        group.reset();
    }
    pool.join();
}

TEST(task_group, says_so_when_the_time_is_over)
{
    asio::thread_pool pool(2);
    task_group group(pool.get_executor());
    std::atomic<int> ended = 0;
    group.spawn("wait", wait_until_cancelled(ended));
    EXPECT_FALSE(asio::co_spawn(pool, group.drain(1ms), asio::use_future).get());
    group.stop();
    EXPECT_TRUE(drain(pool, group));
    pool.join();
}

TEST(task_group, an_exception_ends_its_task_only)
{
    asio::thread_pool pool(2);
    task_group group(pool.get_executor());
    std::atomic<int> count = 0;
    group.spawn("fail", fail());
    group.spawn("count", count_up(count));

    EXPECT_TRUE(drain(pool, group));
    EXPECT_EQ(count, 1);
    pool.join();
}

}  // namespace
}  // namespace reprise
