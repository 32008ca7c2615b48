#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/replay/drive.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>

namespace reprise::replay::test {

namespace asio = boost::asio;

// Virtual time: whoever waits sleeps until it is the earliest of all and nothing else can run.
class virtual_time final : public time_port {
public:
    explicit virtual_time(asio::io_context& io) : io_(io) {}

    std::int64_t steady_ns() const noexcept override { return now_ns_; }

    asio::awaitable<void> wait_until(std::int64_t steady_ns) override
    {
        if (steady_ns <= now_ns_)
            co_return;
        auto timer = std::make_shared<asio::steady_timer>(io_, asio::steady_timer::time_point::max());
        waiting_.emplace(steady_ns, timer);
        boost::system::error_code ignored;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    // Runs the context to its end.
    void run()
    {
        for (;;) {
            io_.restart();
            while (io_.poll() > 0) {
            }
            if (waiting_.empty())
                return;
            const auto next = waiting_.begin();
            now_ns_ = std::max(now_ns_, next->first);
            next->second->cancel();
            waiting_.erase(next);
        }
    }

private:
    asio::io_context& io_;
    std::int64_t now_ns_ = 1'000 * ns_per_s;
    std::multimap<std::int64_t, std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace reprise::replay::test
