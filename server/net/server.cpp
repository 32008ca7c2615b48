#include "reprise/net/server.hpp"

#include "listen.hpp"
#include "session.hpp"

#include "reprise/base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds cut_off_max{2'000};

// Accepts until cancelled. Everything by reference outlives the sessions' drain.
asio::awaitable<void> run_listener(tcp::acceptor& acceptor, task_group& sessions, session_context& context)
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
            context.sessions.retire_waiting();
            pause.expires_after(accept_pause);
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        if (sessions.size() >= context.config.sessions_max) {
            context.refused_sessions.add();
            context.sessions.retire_waiting();
            continue;
        }
        sessions.spawn("http session", run_session(context, std::move(peer)));
    }
}

}  // namespace

struct server::state {
    state(asio::any_io_executor pool, server_config config_, const router& routes, const clock& time, metrics& numbers)
        : config(std::move(config_)), listeners(pool), sessions(pool), acceptor(listeners.strand()),
          context(config, routes, time, numbers)
    {
    }

    server_config config;
    task_group listeners;
    task_group sessions;
    tcp::acceptor acceptor;
    session_context context;
    std::uint16_t port = 0;
};

server::server(
    asio::any_io_executor pool, server_config config, const router& routes, const clock& time, metrics& numbers
)
    : state_(std::make_unique<state>(std::move(pool), std::move(config), routes, time, numbers))
{
}

server::~server() = default;

result<void> server::listen()
{
    const auto listening = listen_on(state_->acceptor, state_->config.address, state_->config.port);
    if (!listening)
        return listening;
    state_->port = state_->acceptor.local_endpoint().port();
    return {};
}

std::uint16_t server::port() const noexcept
{
    return state_->port;
}

void server::start()
{
    state_->listeners.spawn("http listener", run_listener(state_->acceptor, state_->sessions, state_->context));
}

void server::stop()
{
    state_->context.stopping.store(true);
    state_->listeners.stop();
    state_->context.sessions.stop_all();
}

asio::awaitable<bool> server::drain(std::chrono::milliseconds limit)
{
    co_await state_->listeners.drain(limit);
    // A connection accepted while stop() ran is told now.
    state_->context.sessions.stop_all();
    const bool drained = co_await state_->sessions.drain(limit);
    if (drained)
        co_return true;
    state_->sessions.stop();
    co_await state_->sessions.drain(cut_off_max);
    co_return false;
}

}  // namespace reprise::net
