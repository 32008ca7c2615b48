#pragma once

#include "reprise/base/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace reprise::ingest {

// Requests ring, the processor waits. The handler posted may outlive it.
class hook_bell : public std::enable_shared_from_this<hook_bell> {
public:
    // Without a ring: a look at the table costs little and heals whatever was missed.
    static constexpr std::chrono::seconds look_anyway{1};

    explicit hook_bell(boost::asio::any_io_executor strand) : strand_(std::move(strand)), timer_(strand_) {}

    void ring()
    {
        auto wake = [self = shared_from_this()] {
            self->rung_ = true;
            self->timer_.cancel();
        };
        boost::asio::post(strand_, std::move(wake));
    }

    boost::asio::awaitable<void> wait()
    {
        if (!rung_) {
            timer_.expires_after(look_anyway);
            error_code ignored;  // Rung or not: the table tells.
            co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        rung_ = false;
    }

private:
    boost::asio::any_io_executor strand_;
    boost::asio::steady_timer timer_;
    bool rung_ = false;  // On strand_ only.
};

}  // namespace reprise::ingest
