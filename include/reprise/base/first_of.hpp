#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <utility>

namespace reprise {

// Runs both at once on the caller's executor (a strand, so they never run in parallel). When one
// ends the other is cancelled; returns 0 or 1, whichever ended first, after both have ended. What
// the first one threw is thrown here; what the cancelled one threw is its way to end.
inline boost::asio::awaitable<std::size_t> first_of(
    boost::asio::awaitable<void> first, boost::asio::awaitable<void> second
)
{
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    auto race = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, std::move(first), asio::deferred),
        asio::co_spawn(executor, std::move(second), asio::deferred)
    );
    auto [order, first_error, second_error] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const std::exception_ptr error = order[0] == 0 ? first_error : second_error;
    if (error)
        std::rethrow_exception(error);
    co_return order[0];
}

}  // namespace reprise
