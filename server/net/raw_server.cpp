#include "reprise/net/raw_server.hpp"

#include "listen.hpp"
#include "raw_session.hpp"
#include "raw_socket.hpp"

#include "reprise/base/log.hpp"
#include "reprise/base/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds sweep_pause{50};  // How late a deadline may be noticed.
constexpr std::chrono::milliseconds cut_off_max{2'000};

// Accepts until cancelled. Everything by reference outlives the sessions' drain.
asio::awaitable<void> run_acceptor(tcp::acceptor& acceptor, task_group& sessions, raw_session_context& context)
{
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        auto [ec, peer] = co_await acceptor.async_accept(as_result);
        if (ec == asio::error::operation_aborted)
            co_return;
        if (ec) {
            // Out of descriptors, most likely. Without the pause this loop spins.
            log_warn("net.accept", ec.message());
            pause.expires_after(accept_pause);
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        if (sessions.size() >= context.config.sessions_max) {
            context.refused_sessions.add();
            continue;
        }
        sessions.spawn("raw session", run_raw_session(context, std::move(peer)));
    }
}

// One timer for all sessions: setting one per read would cost more than the read.
asio::awaitable<void> run_sweeper(raw_session_context& context)
{
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        pause.expires_after(sweep_pause);
        co_await pause.async_wait(asio::use_awaitable);
        context.sessions.expire(deadline_clock_ns());
    }
}

}  // namespace

struct raw_server::state {
    state(
        asio::any_io_executor pool, raw_server_config config_, raw_responder& responder, const clock& time,
        metrics& numbers
    )
        : config(std::move(config_)), listeners(pool), sweeper(pool), sessions(pool), acceptor(listeners.strand()),
          context(config, responder, time, numbers)
    {
    }

    raw_server_config config;
    task_group listeners;
    task_group sweeper;  // Lives until the sessions are gone: their deadlines count to the end.
    task_group sessions;
    tcp::acceptor acceptor;
    raw_session_context context;
    std::uint16_t port = 0;
};

raw_server::raw_server(
    asio::any_io_executor pool, raw_server_config config, raw_responder& responder, const clock& time,
    metrics& numbers
)
    : state_(std::make_unique<state>(std::move(pool), std::move(config), responder, time, numbers))
{
}

raw_server::~raw_server() = default;

result<void> raw_server::listen()
{
    const auto listening = listen_on(state_->acceptor, state_->config.address, state_->config.port);
    if (!listening)
        return listening;
    if (state_->config.kernel_stamps)
        ask_for_kernel_stamps(state_->acceptor.native_handle());
    state_->port = state_->acceptor.local_endpoint().port();
    return {};
}

std::uint16_t raw_server::port() const noexcept
{
    return state_->port;
}

void raw_server::start()
{
    state_->sweeper.spawn("raw deadlines", run_sweeper(state_->context));
    state_->listeners.spawn("raw listener", run_acceptor(state_->acceptor, state_->sessions, state_->context));
}

void raw_server::stop()
{
    state_->context.stopping.store(true);
    state_->listeners.stop();
    state_->context.sessions.stop_all();
}

asio::awaitable<bool> raw_server::drain(std::chrono::milliseconds limit)
{
    co_await state_->listeners.drain(limit);
    // A connection accepted while stop() ran is told now.
    state_->context.sessions.stop_all();
    const bool drained = co_await state_->sessions.drain(limit);
    if (!drained) {
        state_->sessions.stop();
        co_await state_->sessions.drain(cut_off_max);
    }
    state_->sweeper.stop();
    co_await state_->sweeper.drain(cut_off_max);
    co_return drained;
}

}  // namespace reprise::net
