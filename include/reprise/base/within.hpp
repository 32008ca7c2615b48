#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace reprise {

// The result of `work`, or errc::timed_out if `limit` passes first; `work` is cancelled then and has
// ended when this returns. T must be default-constructible. Name `work`'s lambdas and aggregates
// before the call (GCC 12).
template <class T>
boost::asio::awaitable<result<T>> within(
    std::chrono::milliseconds limit, boost::asio::awaitable<result<T>> work
)
{
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(work), asio::deferred), timer.async_wait(asio::deferred)
    );
    auto [order, error, answer, timer_ec] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (order[0] == 1)
        co_return errc::timed_out;
    if (error)
        std::rethrow_exception(error);
    co_return std::move(answer);
}

}  // namespace reprise
