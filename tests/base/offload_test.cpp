#include "reprise/base/offload.hpp"

#include "support/io_threads.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <utility>

namespace reprise {
namespace {

namespace asio = boost::asio;

asio::awaitable<std::pair<std::thread::id, std::thread::id>> where_it_runs(asio::any_io_executor pool)
{
    auto work = [] { return std::this_thread::get_id(); };
    const auto there = co_await offload(pool, std::move(work));
    co_return std::pair(there, std::this_thread::get_id());
}

TEST(offload, works_on_the_pool_and_resumes_at_home)
{
    asio::thread_pool pool(1);
    asio::io_context home_context;
    auto answer = asio::co_spawn(home_context, where_it_runs(pool.get_executor()), asio::use_future);
    home_context.run();
    const auto [there, home] = answer.get();
    EXPECT_NE(there, std::this_thread::get_id());
    EXPECT_EQ(home, std::this_thread::get_id());
}

// As a server that stops while a worker waits for the database.
TEST(offload, work_that_has_begun_is_finished_whoever_is_cancelled)
{
    asio::thread_pool pool(2);  // One works, the other has room for a cancellation.
    test::io_threads io;
    const auto strand = asio::make_strand(io.executor());
    std::promise<void> begun;
    std::promise<void> let_go;
    auto work = [&begun, held = let_go.get_future().share()] {
        begun.set_value();
        held.wait();
        return 7;
    };
    asio::cancellation_signal stop;
    auto answer = asio::co_spawn(
        strand, offload(pool.get_executor(), std::move(work)),
        asio::bind_cancellation_slot(stop.slot(), asio::use_future)
    );
    begun.get_future().wait();

    asio::post(strand, asio::use_future([&stop] { stop.emit(asio::cancellation_type::terminal); })).get();
    asio::post(pool, asio::use_future([] {})).get();  // What the cancellation may have sent there has run.
    let_go.set_value();

    EXPECT_EQ(answer.get(), 7);
}

}  // namespace
}  // namespace reprise
