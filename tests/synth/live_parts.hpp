#pragma once

#include "../../server/synth/running_service.hpp"
#include "seen_spans.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Services on real sockets, in the test's process.
namespace reprise::synth::test {

namespace asio = boost::asio;

// A loop of one thread, as the executable has.
class loop_thread {
public:
    loop_thread() : work_(asio::make_work_guard(io_)), thread_([this] { io_.run(); }) {}
    ~loop_thread()
    {
        work_.reset();
        io_.stop();
        thread_.join();
    }
    loop_thread(const loop_thread&) = delete;
    loop_thread& operator=(const loop_thread&) = delete;

    asio::any_io_executor executor() { return io_.get_executor(); }

    template <class T>
    T run(asio::awaitable<T> task)
    {
        auto answer = asio::co_spawn(io_, std::move(task), asio::use_future);
        if (answer.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
            throw std::runtime_error("a coroutine of a test did not end within 20 s");
        return answer.get();
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

// Takes OTLP/HTTP, answers as it is told to (200 when it is told nothing) and remembers what it took.
class otlp_receiver {
public:
    explicit otlp_receiver(loop_thread& loop) : loop_(loop), server_(loop.executor(), {}, routes_, time_, numbers_)
    {
        routes_.add(net::method::post, "/v1/traces", [this](net::request& req) { return take(req); }, 32 * 1024 * 1024);
        server_.listen().value();
        server_.start();
    }
    ~otlp_receiver()
    {
        server_.stop();
        loop_.run(server_.drain(std::chrono::seconds(5)));
    }
    otlp_receiver(const otlp_receiver&) = delete;
    otlp_receiver& operator=(const otlp_receiver&) = delete;

    net::url url() const { return net::parse_url("http://127.0.0.1:" + std::to_string(server_.port())).value(); }

    void answer_next(net::response answer)
    {
        const std::lock_guard lock(mutex_);
        answers_.push_back(std::move(answer));
    }

    // Ten seconds at most; what has come then.
    std::vector<seen_span> wait_spans(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        came_.wait_for(lock, std::chrono::seconds(10), [&] { return spans_of_all() >= count; });
        std::vector<seen_span> out;
        for (const seen_request& one : taken_)
            out.insert(out.end(), one.spans.begin(), one.spans.end());
        return out;
    }
    std::vector<seen_request> taken()
    {
        const std::lock_guard lock(mutex_);
        return taken_;
    }
    std::vector<net::request> refused()
    {
        const std::lock_guard lock(mutex_);
        return refused_;
    }

private:
    asio::awaitable<net::response> take(net::request& req)
    {
        const std::lock_guard lock(mutex_);
        net::response answer(200, "application/x-protobuf", std::string_view());
        if (!answers_.empty()) {
            answer = std::move(answers_.front());
            answers_.pop_front();
        }
        if (answer.status == 200)
            taken_.push_back(read_request(req.body));
        else
            refused_.push_back(req);
        came_.notify_all();
        co_return answer;
    }
    std::size_t spans_of_all() const
    {
        std::size_t count = 0;
        for (const seen_request& one : taken_)
            count += one.spans.size();
        return count;
    }

    loop_thread& loop_;
    system_clock time_;
    metrics numbers_;
    net::router routes_;
    net::server server_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<net::response> answers_;
    std::vector<seen_request> taken_;
    std::vector<net::request> refused_;
};

inline asio::awaitable<int> stop_service(running_service& one)
{
    co_await one.stop();
    co_return 0;
}

// Asks without a connection of a test being left over.
inline net::client_response get(loop_thread& loop, net::http_client& client, const std::string& url)
{
    auto answer = loop.run(client.send(net::client_request("GET", net::parse_url(url).value())));
    return std::move(answer).value();
}

}  // namespace reprise::synth::test
