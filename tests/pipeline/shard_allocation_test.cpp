#include "made_records.hpp"

#include "support/allocation_count.hpp"

#include "reprise/pipeline/shard.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

bool everything(std::string_view)
{
    return true;
}

// Adds `batches` in turn and returns how often that allocated.
std::uint64_t count_allocations(shard& to, const std::vector<std::shared_ptr<const model::observation_batch>>& batches)
{
    const replay_filter replays;
    const support::allocation_scope counted;
    for (const auto& batch : batches)
        to.add(*batch, replays, batch->observations.back().start_ns, everything);
    return counted.count();
}

std::vector<std::shared_ptr<const model::observation_batch>> make_batches(std::uint64_t seed, std::int64_t start_ns)
{
    test::traffic_shape shape;
    shape.start_ns = start_ns;
    shape.seconds = 20;
    shape.requests_per_second = 50;
    const auto records = test::make_traffic(shape, seed);
    std::vector<std::shared_ptr<const model::observation_batch>> batches;
    constexpr std::size_t size = 512;
    for (std::size_t at = 0; at + size <= records.size(); at += size)
        batches.push_back(test::to_batch(std::span(records).subspan(at, size)));
    return batches;
}

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t start_ns = 1'700'000'000LL / 60 * minute_ns;

TEST(shard_allocation, records_like_those_before_allocate_nothing)
{
    shard one{stream_limits{}};
    const auto batches = make_batches(1, start_ns);
    EXPECT_GT(count_allocations(one, batches), 0U);
    // Until the arrivals, where the same call counts each time, are full.
    for (int round = 0; round < 5; ++round)
        count_allocations(one, batches);
    EXPECT_EQ(count_allocations(one, batches), 0U);
}

TEST(shard_allocation, new_traffic_in_a_warm_window_allocates_for_less_than_one_record_in_fifty)
{
    shard one{stream_limits{}};
    // Twice as long as what is counted, so that every sample is full.
    count_allocations(one, make_batches(1, start_ns));
    count_allocations(one, make_batches(2, start_ns + minute_ns / 3));
    const auto batches = make_batches(3, start_ns + 2 * minute_ns / 3);
    const std::size_t records = batches.size() * 512;
    EXPECT_LT(count_allocations(one, batches), records / 50);
}

}  // namespace
}  // namespace reprise::pipeline
