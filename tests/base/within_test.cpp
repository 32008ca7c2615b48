#include "reprise/base/within.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace reprise {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<result<std::string>> answer(std::string text)
{
    co_return text;
}

asio::awaitable<result<std::string>> refuse()
{
    co_return errc::not_found;
}

asio::awaitable<result<std::string>> explode()
{
    throw std::runtime_error("a bug");
    co_return std::string();
}

asio::awaitable<result<std::string>> hang()
{
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 1h);
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::string("late");
}

template <class T>
T run(asio::awaitable<T> work)
{
    asio::io_context context;
    auto future = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return future.get();
}

TEST(within, passes_values_and_errors_through)
{
    EXPECT_EQ(run(within(10s, answer("in time"))).value(), "in time");
    EXPECT_EQ(run(within(10s, refuse())).error(), errc::not_found);
}

TEST(within, a_hanging_task_is_cancelled_at_the_limit)
{
    EXPECT_EQ(run(within(1ms, hang())).error(), errc::timed_out);
}

TEST(within, exceptions_stay_exceptions)
{
    EXPECT_THROW(run(within(10s, explode())), std::runtime_error);
}

}  // namespace
}  // namespace reprise
