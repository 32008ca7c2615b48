#pragma once

#include "net/running_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <mutex>
#include <string>

namespace reprise::replay::test {

// A small server with bugs that can be fixed while it runs:
//   POST /login            gives a token that no other login gives
//   POST /orders           401 without the last token; 500 when the body holds "gift":true
//   GET  /stock            503 when `burst_limit` or more are under way at once
//   POST /bytes?...        500 when path, header X-Bytes and body are exactly what they should be
//   GET  /slow             takes 800 ms
class buggy_shop {
public:
    static constexpr int burst_limit = 5;

    explicit buggy_shop(net::server_config config = {})
        : scheme_(config.tls ? "https" : "http"),
          server_(std::move(config), [this](net::router& routes) { add_routes(routes); })
    {
    }

    std::string url() const { return scheme_ + "://127.0.0.1:" + std::to_string(server_.port()); }
    void fix() { fixed_ = true; }
    bool stop() { return server_.stop(); }
    void expect_bytes(std::string target, std::string header, std::string body)
    {
        target_ = std::move(target);
        header_ = std::move(header);
        body_ = std::move(body);
    }
    std::string last_bytes() const
    {
        const std::lock_guard lock(mutex_);
        return last_bytes_;
    }

private:
    using awaited = boost::asio::awaitable<net::response>;

    static net::response json(int status, std::string body)
    {
        return net::response(status, "application/json", std::move(body));
    }

    void add_routes(net::router& routes)
    {
        routes.add(net::method::post, "/login", [this](net::request&) { return login(); });
        routes.add(net::method::post, "/orders", [this](net::request& req) { return order(req); });
        routes.add(net::method::get, "/stock", [this](net::request&) { return stock(); });
        routes.add(net::method::post, "/bytes", [this](net::request& req) { return bytes(req); });
        routes.add(net::method::get, "/slow", [this](net::request&) { return slow(); });
    }

    awaited login()
    {
        const int number = ++logins_;
        co_return json(201, R"({"session":{"user":7,"token":"tok-)" + std::to_string(number) + "\"}}");
    }

    awaited order(net::request& req)
    {
        const bool known = req.header("authorization") == "Bearer tok-" + std::to_string(logins_.load());
        const bool is_gift = req.body.find("\"gift\":true") != std::string::npos;
        if (!known)
            co_return json(401, R"({"error":{"code":"no_session"}})");
        if (is_gift && !fixed_)
            co_return json(500, R"({"error":{"code":"gift","line":12,"fatal":true}})");
        co_return json(201, R"({"id":17})");
    }

    awaited stock()
    {
        const int under_way = ++in_stock_;
        int seen = peak_.load();
        while (seen < under_way && !peak_.compare_exchange_weak(seen, under_way)) {
        }
        co_await wait(std::chrono::milliseconds(800));
        const bool overloaded = peak_ >= burst_limit;
        if (--in_stock_ == 0)
            peak_ = 0;
        const int status = overloaded && !fixed_ ? 503 : 200;
        co_return json(status, "{}");
    }

    awaited bytes(net::request& req)
    {
        const bool same = req.target == target_ && req.header("x-bytes") == header_ && req.body == body_;
        {
            const std::lock_guard lock(mutex_);
            last_bytes_ = req.target + "\n" + std::string(req.header("x-bytes")) + "\n" + req.body;
        }
        const int status = same && !fixed_ ? 500 : 200;
        co_return json(status, "{}");
    }

    awaited slow()
    {
        if (!fixed_)
            co_await wait(std::chrono::milliseconds(800));
        co_return json(200, "{}");
    }

    static boost::asio::awaitable<void> wait(std::chrono::milliseconds time)
    {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }

    std::string scheme_;
    std::atomic<bool> fixed_{false};
    std::atomic<int> logins_{0};
    std::atomic<int> in_stock_{0};
    std::atomic<int> peak_{0};
    std::string target_;
    std::string header_;
    std::string body_;
    mutable std::mutex mutex_;
    std::string last_bytes_;
    net::test::running_server server_;  // Last: its threads use what stands above.
};

}  // namespace reprise::replay::test
