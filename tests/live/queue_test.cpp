#include "reprise/live/queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::live {
namespace {

message made(std::int64_t seq, std::string entity = {}, std::int64_t rev = 0, std::string topic = "incidents")
{
    message out;
    out.seq = seq;
    out.topic = std::move(topic);
    out.text = std::make_shared<const std::string>("message " + std::to_string(seq));
    out.entity = std::move(entity);
    out.rev = rev;
    return out;
}

std::vector<std::int64_t> take_all(queue& from)
{
    std::vector<std::int64_t> seqs;
    for (const message& each : from.take(1000))
        seqs.push_back(each.seq);
    return seqs;
}

TEST(queue, gives_back_in_order_and_in_portions)
{
    queue pending({});
    for (int i = 1; i <= 5; ++i)
        EXPECT_TRUE(pending.push(made(i)));

    EXPECT_EQ(pending.take(2).size(), 2U);
    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{3, 4, 5}));
    EXPECT_TRUE(pending.empty());
    EXPECT_EQ(pending.bytes(), 0U);
}

TEST(queue, the_latest_state_of_an_entity_takes_the_later_place)
{
    queue pending({});
    pending.push(made(1, "incident/a", 1));
    pending.push(made(2, "incident/b", 1));
    pending.push(made(3, "incident/a", 2));

    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{2, 3}));
}

TEST(queue, an_older_state_never_replaces_a_newer_one)
{
    queue pending({});
    pending.push(made(1, "incident/a", 5));
    EXPECT_TRUE(pending.push(made(2, "incident/a", 4)));

    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{1}));
}

TEST(queue, topics_do_not_coalesce_with_each_other)
{
    queue pending({});
    pending.push(made(1, "run/a", 1, "runs"));
    pending.push(made(2, "run/a", 1, "runs/a"));

    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{1, 2}));
}

TEST(queue, messages_without_entity_are_never_replaced)
{
    queue pending({});
    pending.push(made(1));
    pending.push(made(2));

    EXPECT_EQ(pending.size(), 2U);
}

TEST(queue, what_was_taken_is_not_replaced_any_more)
{
    queue pending({});
    pending.push(made(1, "incident/a", 1));
    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{1}));
    pending.push(made(2, "incident/a", 2));

    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{2}));
}

TEST(queue, too_many_messages_overflow_and_stay_overflowed)
{
    queue pending({.messages_max = 2, .bytes_max = 1000});
    EXPECT_TRUE(pending.push(made(1)));
    EXPECT_TRUE(pending.push(made(2)));
    EXPECT_FALSE(pending.push(made(3)));

    EXPECT_TRUE(pending.overflowed());
    EXPECT_EQ(pending.size(), 0U);
    EXPECT_EQ(pending.bytes(), 0U);
    EXPECT_FALSE(pending.push(made(4)));
}

TEST(queue, too_many_bytes_overflow)
{
    queue pending({.messages_max = 100, .bytes_max = 20});
    EXPECT_TRUE(pending.push(made(1)));
    EXPECT_TRUE(pending.push(made(2)));
    EXPECT_FALSE(pending.push(made(3)));
}

TEST(queue, an_entity_that_changes_without_end_needs_one_place)
{
    queue pending({.messages_max = 2, .bytes_max = 1000});
    for (int i = 1; i <= 10'000; ++i)
        ASSERT_TRUE(pending.push(made(i, "run/a", i)));

    EXPECT_EQ(take_all(pending), (std::vector<std::int64_t>{10'000}));
}

}  // namespace
}  // namespace reprise::live
