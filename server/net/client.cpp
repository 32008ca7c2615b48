#include "reprise/net/client.hpp"

#include "http1_exchange.hpp"
#include "http2_link.hpp"
#include "request_text.hpp"

#include "reprise/base/on_executor.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace asio = boost::asio;

namespace reprise::net {

http_client::http_client(target_guard guard, client_limits limits, client_transport transport)
    : guard_(std::move(guard)), limits_(limits), transport_(std::move(transport)),
      pool_(std::make_unique<pool>(limits_))
{
}

http_client::~http_client()
{
    pool_->clear();
}

void http_client::close_idle()
{
    pool_->clear();
}

asio::awaitable<result<client_response>> http_client::send(client_request req)
{
    const auto begin = std::chrono::steady_clock::now();
    const bool secure = req.url.scheme == "https";
    if (!secure && req.url.scheme != "http")
        co_return errc::scheme_refused;
    const auto allowed = guard_.check(req.url);
    if (!allowed)
        co_return allowed.error();
    const auto fit = check_request(req);
    if (!fit)
        co_return fit.error();
    client_tls* tls = secure ? transport_.tls.get() : nullptr;
    if (secure && tls == nullptr)
        tls = pool_->find_system_trust();
    if (secure && tls == nullptr)
        co_return errc::tls_untrusted;
    const attempt one(req, tls, begin);
    if (transport_.version == http_version::http2)
        co_return co_await send_http2(one);
    co_return co_await send_http1(one);
}

asio::awaitable<result<client_response>> http_client::send_http1(const attempt& one)
{
    const std::string origin = one.req.url.origin();
    http1_exchange exchange(one.req, limits_, one.begin);
    std::optional<idle_socket> kept;
    if (!one.req.fresh_connection)
        kept = pool_->take(origin);
    if (kept) {
        const auto strand = co_await asio::this_coro::executor;
        exchange.adopt(strand, std::move(*kept));
    } else {
        const auto addresses = co_await find_addresses(one.req.url, guard_, limits_.resolve);
        if (!addresses)
            co_return addresses.error();
        auto reached = co_await dial(one.req.url, *addresses, limits_, one.tls, offer::http1);
        if (!reached)
            co_return reached.error();
        exchange.adopt(std::move(*reached));
    }
    const std::string head = request_head(one.req);
    auto answer = co_await exchange.run(head);
    if (auto free = exchange.take_back(); answer && free)
        pool_->keep(origin, std::move(*free));
    co_return answer;
}

asio::awaitable<result<client_response>> http_client::send_http2(const attempt& one)
{
    const auto executor = co_await asio::this_coro::executor;
    const std::string origin = one.req.url.origin();
    for (int tries_left = 1;; --tries_left) {
        const auto link = pool_->share_link(origin, executor);
        auto work = link->exchange(one.req, guard_, one.tls, one.begin);
        auto answer = co_await on_executor(link->strand(), std::move(work));
        // The server told that it did not look at it, so that this is no second time.
        if (answer || answer.error() != errc::stream_refused || tries_left == 0)
            co_return answer;
    }
}

}  // namespace reprise::net
