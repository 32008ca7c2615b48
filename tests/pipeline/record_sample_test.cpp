#include "../../server/pipeline/record_sample.hpp"

#include "made_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace reprise::pipeline {
namespace {

struct offered {
    std::uint64_t rank = 0;
    std::string bytes;
};

void offer(record_sample& to, const offered& one, const sample_limits& limits)
{
    model::observation call;
    call.start_ns = static_cast<std::int64_t>(one.rank);
    to.offer(one.rank, 0, call, one.bytes, limits);
}

std::vector<std::string> list(const record_sample& sample)
{
    std::vector<std::string> all;
    for (const kept_record& one : sample.list())
        all.emplace_back(one.bytes);
    return all;
}

TEST(record_sample, keeps_the_lowest_ranks_in_their_order)
{
    record_sample sample;
    for (const std::uint64_t rank : {5U, 1U, 4U, 2U, 3U})
        offer(sample, {rank, std::to_string(rank)}, {3, 100, 100});
    EXPECT_EQ(list(sample), (std::vector<std::string>{"1", "2", "3"}));
}

TEST(record_sample, keeps_the_same_record_once)
{
    record_sample sample;
    for (int i = 0; i < 3; ++i)
        offer(sample, {1, "same"}, {3, 100, 100});
    offer(sample, {1, "other"}, {3, 100, 100});
    EXPECT_EQ(sample.size(), 2U);
}

TEST(record_sample, leaves_out_what_is_too_large_and_what_does_not_fit_together)
{
    record_sample sample;
    const sample_limits limits{10, 100, 60};
    offer(sample, {1, std::string(61, 'a')}, limits);
    offer(sample, {2, std::string(60, 'b')}, limits);
    offer(sample, {3, std::string(50, 'c')}, limits);
    offer(sample, {4, std::string(10, 'd')}, limits);
    // 3 did not fit; what ranks behind it is not taken in its place, whenever it comes.
    EXPECT_EQ(list(sample), (std::vector<std::string>{std::string(60, 'b')}));
}

TEST(record_sample, lowering_the_count_leaves_what_it_would_have_left)
{
    record_sample sample;
    for (std::uint64_t rank = 1; rank <= 8; ++rank)
        offer(sample, {rank, std::to_string(rank)}, {8, 100, 100});
    sample.lower(2);
    EXPECT_EQ(list(sample), (std::vector<std::string>{"1", "2"}));
    offer(sample, {3, "3"}, {2, 100, 100});
    EXPECT_EQ(sample.size(), 2U);
}

TEST(record_sample, any_order_keeps_the_same_bytes_within_the_budget)
{
    const sample_limits limits{40, 20'000, 2'000};
    std::vector<offered> all;
    test::dice dice(3);
    for (int i = 0; i < 2000; ++i)
        all.push_back({dice.below(1'000'000), std::to_string(i) + std::string(dice.below(2500), 'x')});
    record_sample expected;
    for (const offered& one : all)
        offer(expected, one, limits);
    EXPECT_GT(expected.size(), 8U);
    EXPECT_LE(expected.memory_bytes(), 32U * 1024);
    for (int round = 0; round < 20; ++round) {
        for (std::size_t i = all.size() - 1; i > 0; --i)
            std::swap(all[i], all[dice.below(i + 1)]);
        record_sample shuffled;
        for (const offered& one : all)
            offer(shuffled, one, limits);
        EXPECT_EQ(list(shuffled), list(expected));
    }
}

TEST(record_sample, records_without_bytes_are_kept_too)
{
    record_sample sample;
    offer(sample, {1, ""}, {4, 10, 10});
    offer(sample, {2, "two"}, {4, 10, 10});
    EXPECT_EQ(list(sample), (std::vector<std::string>{"", "two"}));
}

}  // namespace
}  // namespace reprise::pipeline
