#pragma once

#include "reprise/net/raw_server.hpp"
#include "support/io_threads.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace reprise::net::test {

struct seen_request {
    std::string method;
    std::string target;
    std::string authority;
    std::string body;
    bool secure = false;
    bool proxied = false;
    moment_stamp arrived;
    raw_finish how;
};

// Answers with what it was asked: "METHOD authority target body". Keeps what was finished.
class echo_responder : public raw_responder {
public:
    void respond(const raw_request& request, raw_answer& answer) override
    {
        const std::string body = std::string(request.method) + ' ' + std::string(request.authority) + ' ' +
                                 std::string(request.target) + ' ' + std::string(request.body);
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        answer.own = head + body;
        answer.wire = answer.own;
        answer.head_bytes = head.size();
        answer.delay = delay;
        answer.fault = fault;
        answer.body_bytes_max = 2;
        {
            const std::lock_guard lock(mutex_);
            ++asked_;
        }
        was_asked_.notify_all();
    }

    void finish(const raw_request& request, const raw_answer&, const raw_finish& how) noexcept override
    {
        const std::lock_guard lock(mutex_);
        seen_.push_back(
            {std::string(request.method), std::string(request.target), std::string(request.authority),
             keeps_bodies ? std::string(request.body) : std::string(), request.secure, request.proxied,
             request.arrived, how}
        );
    }

    void wait_until_asked(int times)
    {
        std::unique_lock lock(mutex_);
        was_asked_.wait_for(lock, std::chrono::seconds(10), [this, times] { return asked_ >= times; });
    }

    std::vector<seen_request> seen()
    {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    std::chrono::nanoseconds delay{0};
    raw_fault fault = raw_fault::none;
    bool keeps_bodies = true;

private:
    std::mutex mutex_;
    std::condition_variable was_asked_;
    int asked_ = 0;
    std::vector<seen_request> seen_;
};

// A raw server on a free port; stopped and drained at the end.
class running_raw_server {
public:
    explicit running_raw_server(raw_server_config config = {})
        : server_(std::make_unique<raw_server>(io_.executor(), std::move(config), responder, time_, numbers_))
    {
        server_->listen().value();
        server_->start();
    }
    ~running_raw_server()
    {
        if (server_)
            stop();
    }
    running_raw_server(const running_raw_server&) = delete;
    running_raw_server& operator=(const running_raw_server&) = delete;

    bool stop(std::chrono::milliseconds limit = std::chrono::seconds(5))
    {
        server_->stop();
        const bool drained = io_.run(server_->drain(limit));
        io_.join();
        server_.reset();
        return drained;
    }

    std::uint16_t port() const { return server_->port(); }
    std::uint64_t count(std::string_view name)
    {
        return numbers_.add_counter(name, "", "server=\"mock\"").value();
    }

    echo_responder responder;

private:
    metrics numbers_;
    system_clock time_;
    reprise::test::io_threads io_;
    std::unique_ptr<raw_server> server_;
};

}  // namespace reprise::net::test
