#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>
#include <vector>

namespace reprise {

// Runs all at once on the caller's executor (a strand, so they never run in parallel) and returns when the last
// has ended. Cancelling cancels each. What the first of the list threw is thrown here.
inline boost::asio::awaitable<void> all_of(std::vector<boost::asio::awaitable<void>> tasks)
{
    namespace asio = boost::asio;
    if (tasks.empty())
        co_return;
    const auto executor = co_await asio::this_coro::executor;
    using operation = decltype(asio::co_spawn(executor, std::move(tasks.front()), asio::deferred));
    std::vector<operation> operations;
    for (auto& task : tasks)
        operations.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    const auto [order, errors] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const std::exception_ptr& error : errors) {
        if (error)
            std::rethrow_exception(error);
    }
}

}  // namespace reprise
