#include "drive_here.hpp"

#include "interruption.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/replay/target_sender.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace reprise::app {
namespace {

namespace asio = boost::asio;

}  // namespace

replay::drive_result drive_here(
    const replay::drive_plan& plan, net::http_client& http, const replay::target& to, replay::send_observer& observer
)
{
    asio::io_context context(1);
    const system_clock wall;
    const auto time = replay::make_steady_time();
    replay::target_sender sender(http, wall, to);
    asio::cancellation_signal stop;
    asio::steady_timer watch(context);
    replay::drive_result made;
    bool over = false;
    const std::function<void()> look = [&] {
        if (over)
            return;
        if (interruption::seen() != 0)
            stop.emit(asio::cancellation_type::terminal);
        watch.expires_after(std::chrono::milliseconds(50));
        watch.async_wait([&look](const error_code&) { look(); });
    };
    auto finish = [&](std::exception_ptr error, replay::drive_result got) {
        over = true;
        watch.cancel();
        http.close_idle();
        if (error)
            std::rethrow_exception(error);
        made = std::move(got);
    };
    asio::co_spawn(
        context, replay::run_drive(plan, sender, *time, &observer),
        asio::bind_cancellation_slot(stop.slot(), std::move(finish))
    );
    look();
    context.run();
    return made;
}

}  // namespace reprise::app
