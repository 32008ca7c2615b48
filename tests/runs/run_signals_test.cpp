#include "../../server/runs/run_signals.hpp"

#include "support/io_threads.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>

namespace reprise::runs {
namespace {

namespace asio = boost::asio;

constexpr auto long_time = std::chrono::hours(1);

store::run_notice work_due()
{
    store::run_notice notice;
    notice.work_due = true;
    return notice;
}

store::run_notice ended(std::string run_id, std::int64_t epoch)
{
    store::run_notice notice;
    notice.ended.push_back({std::move(run_id), epoch});
    return notice;
}

class signals_test : public testing::Test {
protected:
    run_signals signals;
    reprise::test::io_threads io;

    std::future<void> start_waiting()
    {
        const auto strand = asio::make_strand(io.executor());
        return asio::co_spawn(strand, signals.wait_for_work(long_time), asio::use_future);
    }
    static bool is_over(std::future<void>& waiting)
    {
        return waiting.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    }
    bool wait_on(lease_watch& watch, std::chrono::nanoseconds limit = long_time)
    {
        return io.run(watch.wait(limit));
    }
};

TEST_F(signals_test, work_that_became_due_while_nobody_waited_is_not_missed)
{
    signals.note(work_due());

    auto waiting = start_waiting();

    EXPECT_TRUE(is_over(waiting));
}

TEST_F(signals_test, who_was_woken_wakes_the_next)
{
    auto first = start_waiting();
    auto second = start_waiting();
    const auto is_ready = [](std::future<void>& one) {
        return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    signals.note(work_due());
    while (!is_ready(first) && !is_ready(second)) {
    }

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!(is_ready(first) && is_ready(second)) && std::chrono::steady_clock::now() < deadline)
        signals.wake_one();

    EXPECT_TRUE(is_ready(first) && is_ready(second));
}

TEST_F(signals_test, a_wait_ends_at_its_limit)
{
    constexpr std::chrono::milliseconds limit(1);
    const auto begin = std::chrono::steady_clock::now();
    io.run(signals.wait_for_work(limit));
    EXPECT_TRUE(std::chrono::steady_clock::now() - begin >= limit);
}

TEST_F(signals_test, the_lease_that_ended_is_told_and_no_other)
{
    const auto strand = asio::make_strand(io.executor());
    lease_watch mine(signals, strand, "r1", 2);
    lease_watch other(signals, strand, "r2", 2);

    signals.note(ended("r1", 2));

    EXPECT_TRUE(wait_on(mine));
    EXPECT_FALSE(wait_on(other, std::chrono::nanoseconds(1)));
}

TEST_F(signals_test, the_end_of_an_earlier_lease_is_not_that_of_a_later_one)
{
    const auto strand = asio::make_strand(io.executor());
    lease_watch mine(signals, strand, "r1", 2);

    signals.note(ended("r1", 1));

    EXPECT_FALSE(wait_on(mine, std::chrono::nanoseconds(1)));
}

}  // namespace
}  // namespace reprise::runs
