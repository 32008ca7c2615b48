#include "reprise/live/hub.hpp"

#include "support/io_threads.hpp"

#include <gtest/gtest.h>

#include <boost/asio/strand.hpp>

#include <future>
#include <thread>

namespace reprise::live {
namespace {

using reprise::test::io_threads;
using namespace std::chrono_literals;

message made(std::int64_t seq, std::string topic, std::string entity = {})
{
    message out;
    out.seq = seq;
    out.topic = std::move(topic);
    out.text = std::make_shared<const std::string>("m" + std::to_string(seq));
    out.entity = std::move(entity);
    out.rev = seq;
    return out;
}

boost::asio::awaitable<result<std::vector<message>>> next(
    subscriber& reader, std::chrono::milliseconds wait, std::size_t count_max = 100
)
{
    return reader.next(count_max, wait);
}

// Until the message with `last_seq` came, or an error.
boost::asio::awaitable<result<std::vector<std::int64_t>>> collect(subscriber& reader, std::int64_t last_seq)
{
    std::vector<std::int64_t> seqs;
    while (seqs.empty() || seqs.back() != last_seq) {
        const auto more = co_await reader.next(100, 5s);
        if (!more)
            co_return more.error();
        if (more->empty())
            co_return errc::timed_out;
        for (const message& each : *more)
            seqs.push_back(each.seq);
    }
    co_return seqs;
}

class hub_test : public testing::Test {
protected:
    io_threads io;
    live::hub hub{{.messages_max = 10, .bytes_max = 1000}};

    boost::asio::any_io_executor strand() { return boost::asio::make_strand(io.executor()); }

    // Coroutines of a subscriber run on its strand.
    template <class T>
    std::future<T> start(const boost::asio::any_io_executor& where, boost::asio::awaitable<T> task)
    {
        return boost::asio::co_spawn(where, std::move(task), boost::asio::use_future);
    }
};

TEST_F(hub_test, delivers_to_the_topic_only)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    ASSERT_TRUE(reader->add_topic("runs"));

    hub.publish(made(1, "signals"));
    hub.publish(made(2, "runs"));

    const auto got = start(where, next(*reader, 5s)).get();
    ASSERT_EQ(got->size(), 1U);
    EXPECT_EQ(got->front().seq, 2);
}

TEST_F(hub_test, wakes_a_reader_that_waits)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    ASSERT_TRUE(reader->add_topic("runs"));
    auto waiting = start(where, next(*reader, 9s));

    hub.publish(made(7, "runs"));

    ASSERT_EQ(waiting.wait_for(5s), std::future_status::ready);
    EXPECT_EQ(waiting.get()->front().seq, 7);
}

TEST_F(hub_test, an_empty_wait_ends_empty)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    const auto got = start(where, next(*reader, 5ms)).get();
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->empty());
}

TEST_F(hub_test, interrupt_ends_a_wait)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    auto waiting = start(where, next(*reader, 9s));

    reader->interrupt();

    ASSERT_EQ(waiting.wait_for(5s), std::future_status::ready);
    EXPECT_TRUE(waiting.get()->empty());
}

TEST_F(hub_test, an_interrupt_before_the_wait_is_not_lost)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    reader->interrupt();

    auto waiting = start(where, next(*reader, 9s));

    ASSERT_EQ(waiting.wait_for(5s), std::future_status::ready);
}

TEST_F(hub_test, a_slow_reader_loses_its_place_and_others_do_not_notice)
{
    const auto where = strand();
    const auto slow = hub.subscribe(where).value();
    const auto quick_strand = strand();
    const auto quick = hub.subscribe(quick_strand).value();
    ASSERT_TRUE(slow->add_topic("runs"));
    ASSERT_TRUE(quick->add_topic("runs"));

    for (int i = 1; i <= 11; ++i) {
        hub.publish(made(i, "runs"));
        if (i == 8) {
            EXPECT_EQ(start(quick_strand, next(*quick, 5s)).get()->size(), 8U);
        }
    }

    EXPECT_EQ(start(where, next(*slow, 5s)).get().error(), errc::too_large);
    EXPECT_EQ(start(quick_strand, next(*quick, 5s)).get()->size(), 3U);
    EXPECT_EQ(hub.overflow_count(), 1U);
}

TEST_F(hub_test, topics_can_be_dropped_and_are_limited)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    for (std::size_t i = 0; i < subscriber::topics_max; ++i)
        ASSERT_TRUE(reader->add_topic("runs/" + std::to_string(i)));
    EXPECT_EQ(reader->add_topic("one too many").error(), errc::too_large);
    EXPECT_TRUE(reader->add_topic("runs/0"));

    reader->drop_topic("runs/0");
    reader->drop_topic("never there");
    hub.publish(made(1, "runs/0"));

    EXPECT_EQ(reader->topic_count(), subscriber::topics_max - 1);
    EXPECT_TRUE(start(where, next(*reader, 1ms)).get()->empty());
}

TEST_F(hub_test, close_ends_waiting_readers_and_refuses_new_ones)
{
    const auto where = strand();
    const auto reader = hub.subscribe(where).value();
    auto waiting = start(where, next(*reader, 9s));

    hub.close();

    ASSERT_EQ(waiting.wait_for(5s), std::future_status::ready);
    EXPECT_EQ(waiting.get().error(), errc::unavailable);
    EXPECT_EQ(hub.subscribe(where).error(), errc::unavailable);
}

TEST_F(hub_test, a_reader_that_left_is_forgotten)
{
    {
        const auto reader = hub.subscribe(strand()).value();
        ASSERT_TRUE(reader->add_topic("runs"));
        EXPECT_EQ(hub.subscriber_count(), 1U);
    }
    EXPECT_EQ(hub.subscriber_count(), 0U);
    hub.publish(made(1, "runs"));
}

TEST_F(hub_test, subscribers_are_limited)
{
    std::vector<std::shared_ptr<subscriber>> all;
    for (std::size_t i = 0; i < hub::subscribers_max; ++i)
        all.push_back(hub.subscribe(io.executor()).value());

    EXPECT_EQ(hub.subscribe(io.executor()).error(), errc::unavailable);
}

TEST_F(hub_test, several_publishers_lose_nothing)
{
    live::hub wide({.messages_max = 100'000, .bytes_max = 100'000'000});
    const auto where = strand();
    const auto reader = wide.subscribe(where).value();
    ASSERT_TRUE(reader->add_topic("a"));
    auto collected = start(where, collect(*reader, -1));

    std::vector<std::thread> publishers;
    for (int t = 0; t < 4; ++t) {
        publishers.emplace_back([&wide, t] {
            for (int i = 0; i < 1000; ++i)
                wide.publish(made(t * 1000 + i, "a"));
        });
    }
    for (std::thread& each : publishers)
        each.join();
    wide.publish(made(-1, "a"));

    ASSERT_EQ(collected.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(collected.get()->size(), 4001U);
}

}  // namespace
}  // namespace reprise::live
