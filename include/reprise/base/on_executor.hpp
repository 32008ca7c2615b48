#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace reprise {

// The result of `work`, which runs on `where` (a strand, mostly); the caller goes on where it was. Cancelling the
// caller cancels `work`. T must be default-constructible.
template <class T>
boost::asio::awaitable<T> on_executor(boost::asio::any_io_executor where, boost::asio::awaitable<T> work)
{
    co_return co_await boost::asio::co_spawn(std::move(where), std::move(work), boost::asio::use_awaitable);
}

}  // namespace reprise
