#include "reprise/base/all_of.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace reprise {
namespace {

namespace asio = boost::asio;

// Notes its name, lets the others run, notes it again.
asio::awaitable<void> note_twice(std::string& log, char name)
{
    log += name;
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    log += name;
}

asio::awaitable<void> explode(std::string& log)
{
    log += '!';
    throw std::runtime_error("a bug");
    co_return;
}

void run(std::vector<asio::awaitable<void>> tasks)
{
    asio::io_context context;
    auto done = asio::co_spawn(context, all_of(std::move(tasks)), asio::use_future);
    context.run();
    done.get();
}

TEST(all_of, runs_all_at_once_and_waits_for_the_last)
{
    std::string log;
    std::vector<asio::awaitable<void>> tasks;
    for (const char name : {'a', 'b', 'c'})
        tasks.push_back(note_twice(log, name));
    run(std::move(tasks));
    EXPECT_EQ(log, "abcabc");
}

TEST(all_of, nothing_to_do_is_done_at_once)
{
    EXPECT_NO_THROW(run({}));
}

TEST(all_of, throws_what_one_threw_after_the_others_have_ended)
{
    std::string log;
    std::vector<asio::awaitable<void>> tasks;
    tasks.push_back(explode(log));
    tasks.push_back(note_twice(log, 'a'));
    EXPECT_THROW(run(std::move(tasks)), std::runtime_error);
    EXPECT_EQ(log, "!aa");
}

}  // namespace
}  // namespace reprise
