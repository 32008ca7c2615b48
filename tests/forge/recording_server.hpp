#pragma once

#include "net/running_server.hpp"

#include "reprise/net/server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::forge::test {

struct recorded_request {
    std::string path;
    model::header_list headers;
    std::string body;

    std::string_view header(std::string_view name) const { return model::find_header(headers, name); }
};

// A receiver of the tests: keeps every POST it gets and answers with what stands in its queue, or with the last of
// it again. A stand-in for other people's servers, not a part of the product.
class recording_server {
public:
    explicit recording_server(net::server_config config = {})
        : server_(std::move(config), [this](net::router& routes) { fill(routes); })
    {
        answers_.push_back(net::response(200, "text/plain", std::string("ok")));
    }
    ~recording_server() { released_ = true; }
    recording_server(const recording_server&) = delete;
    recording_server& operator=(const recording_server&) = delete;

    // The last one stays.
    void answer_with(std::vector<net::response> answers)
    {
        const std::lock_guard lock(mutex_);
        answers_.assign(answers.begin(), answers.end());
    }
    void answer_with(int status, std::string body = "{}", model::header_list headers = {})
    {
        net::response reply(status, "application/json", std::move(body));
        reply.headers = std::move(headers);
        answer_with({std::move(reply)});
    }

    std::vector<recorded_request> requests() const
    {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    recorded_request last() const { return requests().at(requests().size() - 1); }

    std::string url(std::string_view scheme = "http", std::string_view host = "127.0.0.1") const
    {
        return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(server_.port());
    }
    net::test::running_server& server() { return server_; }

private:
    void fill(net::router& routes)
    {
        for (const char* pattern : {"/hook", "/api/{method}", "/big", "/silent"}) {
            auto take = [this](net::request& req) { return handle(req); };
            routes.add(net::method::post, pattern, std::move(take));
        }
    }

    boost::asio::awaitable<net::response> handle(net::request& req)
    {
        boost::asio::steady_timer look(co_await boost::asio::this_coro::executor);
        while (req.path.ends_with("/silent") && !released_) {
            look.expires_after(std::chrono::milliseconds(2));
            co_await look.async_wait(boost::asio::use_awaitable);
        }
        if (req.path == "/big")
            co_return net::response(200, "text/plain", std::string(2 * 1024 * 1024, 'b'));
        const std::lock_guard lock(mutex_);
        requests_.push_back({req.path, req.headers, req.body});
        net::response reply = answers_.front();
        if (answers_.size() > 1)
            answers_.pop_front();
        co_return reply;
    }

    std::atomic<bool> released_{false};
    mutable std::mutex mutex_;
    std::vector<recorded_request> requests_;
    std::deque<net::response> answers_;
    net::test::running_server server_;
};

}  // namespace reprise::forge::test
