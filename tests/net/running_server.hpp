#pragma once

#include "reprise/net/server.hpp"
#include "support/io_threads.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace reprise::net::test {

// A server on a free port with a few routes; stopped and drained at the end.
class running_server {
public:
    explicit running_server(server_config config = {}, const std::function<void(router&)>& fill = add_default_routes)
    {
        fill(routes_);
        server_ = std::make_unique<server>(io_.executor(), std::move(config), routes_, time_, numbers_);
        server_->listen().value();
        server_->start();
    }
    ~running_server()
    {
        if (server_)
            stop();
    }
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    bool stop(std::chrono::milliseconds limit = std::chrono::seconds(5))
    {
        server_->stop();
        const bool drained = io_.run(server_->drain(limit));
        io_.join();
        server_.reset();
        return drained;
    }

    std::uint16_t port() const { return server_->port(); }
    net::server& server_ref() { return *server_; }
    metrics& numbers() { return numbers_; }
    reprise::test::io_threads& io() { return io_; }

    static boost::asio::awaitable<response> answer_echo(request& req)
    {
        co_return response(200, "application/octet-stream", std::move(req.body));
    }
    static boost::asio::awaitable<response> answer_hello(request&)
    {
        co_return response(200, "text/plain", std::string_view("hello"));
    }
    static boost::asio::awaitable<response> answer_big(request&)
    {
        co_return response(200, "text/plain", std::string(8 * 1024 * 1024, 'b'));
    }
    static boost::asio::awaitable<response> answer_fault(request&)
    {
        throw std::logic_error("a bug");
        co_return response();
    }
    static void add_default_routes(router& routes)
    {
        routes.add(method::get, "/hello", answer_hello);
        routes.add(method::get, "/big", answer_big);
        routes.add(method::get, "/fault", answer_fault);
        routes.add(method::post, "/echo", answer_echo, 64 * 1024);
        routes.add(method::post, "/large", answer_echo, 20 * 1024 * 1024);
    }

private:
    metrics numbers_;
    system_clock time_;
    router routes_;
    reprise::test::io_threads io_;
    std::unique_ptr<server> server_;
};

}  // namespace reprise::net::test
