#include "../../server/ingest/byte_budget.hpp"

#include <gtest/gtest.h>

namespace reprise::ingest {
namespace {

using namespace std::chrono_literals;
using verdict = byte_budget::verdict;

const byte_budget::time_point start{1h};

TEST(byte_budget, one_source_may_have_all_of_it)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("a", 60, start), verdict::admitted);
    EXPECT_EQ(budget.take("a", 40, start), verdict::admitted);
    EXPECT_EQ(budget.take("a", 1, start), verdict::full);
    EXPECT_EQ(budget.bytes(), 100U);
    budget.give_back("a", 40);
    EXPECT_EQ(budget.take("a", 40, start), verdict::admitted);
}

TEST(byte_budget, above_half_of_it_nobody_gets_more_than_a_share)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("greedy", 45, start), verdict::admitted);
    EXPECT_EQ(budget.take("modest", 10, start), verdict::admitted);
    EXPECT_EQ(budget.take("greedy", 10, start), verdict::over_share);
    EXPECT_EQ(budget.take("modest", 30, start), verdict::admitted);
    EXPECT_EQ(budget.take("greedy", 5, start), verdict::admitted);
}

TEST(byte_budget, a_source_that_found_it_full_gets_its_share_the_next_time)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("greedy", 100, start), verdict::admitted);
    EXPECT_EQ(budget.take("late", 10, start), verdict::full);
    budget.give_back("greedy", 45);
    EXPECT_EQ(budget.take("greedy", 40, start), verdict::over_share);
    EXPECT_EQ(budget.take("late", 40, start + 1s), verdict::admitted);
}

TEST(byte_budget, whoever_holds_nothing_may_take_one_request_however_small_the_shares)
{
    byte_budget budget(100);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(budget.take(std::to_string(i), 3, start), verdict::admitted);
    EXPECT_EQ(budget.take("new", 30, start), verdict::admitted);
    EXPECT_EQ(budget.take("new", 3, start), verdict::over_share);
}

TEST(byte_budget, a_source_is_forgotten_when_it_stays_away)
{
    byte_budget budget(100);
    EXPECT_EQ(budget.take("gone", 10, start), verdict::admitted);
    budget.give_back("gone", 10);
    EXPECT_EQ(budget.take("a", 50, start), verdict::admitted);
    EXPECT_EQ(budget.take("a", 10, start), verdict::over_share);
    EXPECT_EQ(budget.take("a", 10, start + byte_budget::remembered + 1s), verdict::admitted);
    EXPECT_EQ(budget.sources(), 1U);
}

TEST(byte_budget, its_memory_is_bounded)
{
    byte_budget budget(10'000);
    for (std::size_t i = 0; i < byte_budget::sources_max + 10; ++i)
        EXPECT_EQ(budget.take(std::to_string(i), 1, start), verdict::admitted);
    EXPECT_EQ(budget.sources(), byte_budget::sources_max);
    for (std::size_t i = 0; i < byte_budget::sources_max + 10; ++i)
        budget.give_back(std::to_string(i), 1);
    EXPECT_EQ(budget.bytes(), 0U);
}

}  // namespace
}  // namespace reprise::ingest
