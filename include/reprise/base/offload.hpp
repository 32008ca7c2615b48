#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

namespace reprise {

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> invoke_here(Work& work)
{
    co_return work();
}

// Runs `work` on `pool`; the caller resumes on its own executor. Not cancellable: a cancelled caller gets its result
// and ends at its next wait. Name the lambda, then std::move it in (GCC 12).
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> offload(
    boost::asio::any_io_executor pool, Work work
)
{
    // Told of a cancellation while `work` runs, Asio 1.81 throws it out of the pool's thread.
    auto token = boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    co_return co_await boost::asio::co_spawn(pool, invoke_here(work), token);
}

}  // namespace reprise
