#include "../../server/ingest/byte_budget.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::ingest {
namespace {

using namespace std::chrono_literals;
using verdict = byte_budget::verdict;

const byte_budget::time_point start{1h};

TEST(byte_budget, one_source_may_have_all_of_it)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("a", 60, start).as, verdict::admitted);
    const auto second = budget.take("a", 40, start);
    EXPECT_EQ(second.as, verdict::admitted);
    EXPECT_EQ(budget.take("a", 1, start).as, verdict::full);
    EXPECT_EQ(budget.bytes(), 100U);
    budget.give_back(*second.from, 40);
    EXPECT_EQ(budget.take("a", 40, start).as, verdict::admitted);
}

TEST(byte_budget, above_half_of_it_nobody_gets_more_than_a_share)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("greedy", 45, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("modest", 10, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("greedy", 10, start).as, verdict::over_share);
    EXPECT_EQ(budget.take("modest", 30, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("greedy", 5, start).as, verdict::admitted);
}

TEST(byte_budget, a_source_that_found_it_full_gets_its_share_the_next_time)
{
    byte_budget budget(100);
    const auto greedy = budget.take("greedy", 100, start);
    EXPECT_EQ(greedy.as, verdict::admitted);
    EXPECT_EQ(budget.take("late", 10, start).as, verdict::full);
    budget.give_back(*greedy.from, 45);
    EXPECT_EQ(budget.take("greedy", 40, start).as, verdict::over_share);
    EXPECT_EQ(budget.take("late", 40, start + 1s).as, verdict::admitted);
}

TEST(byte_budget, whoever_holds_nothing_may_take_one_request_however_small_the_shares)
{
    byte_budget budget(100);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(budget.take(std::to_string(i), 3, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("new", 30, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("new", 3, start).as, verdict::over_share);
}

TEST(byte_budget, a_source_is_forgotten_when_it_stays_away)
{
    byte_budget budget(100);
    const auto gone = budget.take("gone", 10, start);
    EXPECT_EQ(gone.as, verdict::admitted);
    budget.give_back(*gone.from, 10);
    EXPECT_EQ(budget.take("a", 50, start).as, verdict::admitted);
    EXPECT_EQ(budget.take("a", 10, start).as, verdict::over_share);
    EXPECT_EQ(budget.take("a", 10, start + byte_budget::remembered + 1s).as, verdict::admitted);
    EXPECT_EQ(budget.sources(), 1U);
}

// As many sources as it knows by name, the names of numbers, each holding one byte.
std::vector<byte_budget::holder*> fill(byte_budget& budget)
{
    std::vector<byte_budget::holder*> holders;
    for (std::size_t i = 0; i < byte_budget::sources_max; ++i)
        holders.push_back(budget.take(std::to_string(i), 1, start).from);
    return holders;
}

TEST(byte_budget, its_memory_is_bounded)
{
    byte_budget budget(10'000);
    auto holders = fill(budget);
    holders.push_back(budget.take("one more", 1, start).from);
    holders.push_back(budget.take("and another", 1, start).from);
    EXPECT_EQ(budget.sources(), byte_budget::sources_max);
    for (auto* from : holders) {
        ASSERT_NE(from, nullptr);
        budget.give_back(*from, 1);
    }
    EXPECT_EQ(budget.bytes(), 0U);
}

TEST(byte_budget, what_a_source_held_before_it_was_known_by_name_is_given_back_where_it_was_taken)
{
    byte_budget budget(20'000);
    const auto holders = fill(budget);
    const auto nameless = budget.take("late", 6'000, start);
    for (auto* from : holders)
        budget.give_back(*from, 1);
    const auto later = start + byte_budget::remembered + 1s;
    const auto named = budget.take("late", 9'000, later);
    ASSERT_EQ(named.as, verdict::admitted);
    ASSERT_EQ(budget.sources(), 1U);
    budget.give_back(*nameless.from, 6'000);

    // It holds what it took under its name; whoever comes when the names are out again starts from nothing.
    for (std::size_t i = 1; i < byte_budget::sources_max; ++i)
        ASSERT_EQ(budget.take(std::to_string(i), 1, later).as, verdict::admitted);
    EXPECT_EQ(budget.take("late", 1, later).as, verdict::over_share);
    EXPECT_EQ(budget.take("nameless", 10, later).as, verdict::admitted);
}

}  // namespace
}  // namespace reprise::ingest
