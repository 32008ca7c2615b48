#include "reprise/pipeline/alarm_timer.hpp"

#include "reprise/base/log.hpp"
#include "reprise/store/database.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace reprise::pipeline {

namespace asio = boost::asio;

asio::awaitable<void> run_alarm_timer(store::database& database, const clock& time, alarm_policy policy)
{
    constexpr std::chrono::seconds pause{5};
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        const std::int64_t now_ns = time.now_ns();
        auto settle = [&policy, now_ns](store::transaction& tx) {
            return settle_waiting_incidents(tx, policy, now_ns);
        };
        const auto settled = co_await database.write(std::move(settle));
        if (!settled)
            log_warn("alarms", "incidents that wait for evidence stay as they are: " + settled.error().message());
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace reprise::pipeline
