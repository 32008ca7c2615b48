#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace reprise::test {

// An I/O pool of two threads, as in the server. run() waits for a coroutine, ten seconds at most.
class io_threads {
public:
    io_threads() : work_(boost::asio::make_work_guard(context_))
    {
        for (int i = 0; i < 2; ++i)
            threads_.emplace_back([this] { context_.run(); });
    }
    ~io_threads() { join(); }
    io_threads(const io_threads&) = delete;
    io_threads& operator=(const io_threads&) = delete;

    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    template <class T>
    T run(boost::asio::awaitable<T> task)
    {
        auto strand = boost::asio::make_strand(context_);
        auto answer = boost::asio::co_spawn(strand, std::move(task), boost::asio::use_future);
        if (answer.wait_for(std::chrono::seconds(10)) != std::future_status::ready)
            throw std::runtime_error("a coroutine of a test did not end within 10 s");
        return answer.get();
    }

    void join()
    {
        work_.reset();
        context_.stop();
        for (std::thread& thread : threads_) {
            if (thread.joinable())
                thread.join();
        }
    }

private:
    boost::asio::io_context context_{2};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

}  // namespace reprise::test
