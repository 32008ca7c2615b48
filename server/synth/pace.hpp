#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace reprise::synth {

// How work waits. In tests time passes by itself.
class pace {
public:
    virtual ~pace() = default;
    // Ends early only by throwing, when the caller is cancelled.
    virtual boost::asio::awaitable<void> rest(std::chrono::nanoseconds time) = 0;
};

class timer_pace final : public pace {
public:
    boost::asio::awaitable<void> rest(std::chrono::nanoseconds time) override
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
};

}  // namespace reprise::synth
