#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace reprise {

// The result of `work`, which runs on `where` (a strand, mostly); the caller goes on where it was. Cancelling the
// caller cancels `work`. T must be default-constructible.
template <class T>
boost::asio::awaitable<T> on_executor(boost::asio::any_io_executor where, boost::asio::awaitable<T> work)
{
    namespace asio = boost::asio;
    // Shared with what is on its way to `where`: Asio's own signal goes with the caller's wait, which may be over
    // before the cancellation arrives there.
    auto signal = std::make_shared<asio::cancellation_signal>();
    const auto state = co_await asio::this_coro::cancellation_state;
    auto slot = state.slot();
    auto forward = [signal, where](asio::cancellation_type type) {
        auto emit = [signal, type] { signal->emit(type); };
        asio::post(where, std::move(emit));
    };
    if (slot.is_connected())
        slot.assign(std::move(forward));
    auto token = asio::bind_cancellation_slot(signal->slot(), asio::use_awaitable);
    auto done = co_await asio::co_spawn(where, std::move(work), token);
    if (slot.is_connected())
        slot.clear();
    co_return done;
}

}  // namespace reprise
