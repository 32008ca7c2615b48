#include "reprise/detect/trace_sample.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

model::trace_id make_trace(std::uint64_t number)
{
    return {7, number};
}

TEST(trace_sample, holds_what_was_added_and_nothing_else)
{
    trace_sample sample;
    EXPECT_FALSE(sample.contains(make_trace(1)));
    sample.add(make_trace(1));
    sample.add(make_trace(1));
    sample.add({});
    EXPECT_TRUE(sample.contains(make_trace(1)));
    EXPECT_FALSE(sample.contains(make_trace(2)));
    EXPECT_EQ(sample.size(), 1U);
    sample.clear();
    EXPECT_FALSE(sample.contains(make_trace(1)));
}

TEST(trace_sample, knows_everything_below_the_cap)
{
    trace_sample sample;
    for (std::uint64_t number = 1; number <= trace_sample::traces_max; ++number)
        sample.add(make_trace(number));
    EXPECT_EQ(sample.size(), trace_sample::traces_max);
    EXPECT_TRUE(sample.knows(trace_rank(make_trace(99'999))));
    EXPECT_LE(sample.memory_bytes(), 64U * 1024);
}

TEST(trace_sample, beyond_the_cap_the_same_traces_stay_in_whatever_order_they_came)
{
    constexpr std::uint64_t traces = 5 * trace_sample::traces_max;
    trace_sample forward;
    trace_sample backward;
    for (std::uint64_t number = 1; number <= traces; ++number) {
        forward.add(make_trace(number));
        backward.add(make_trace(traces + 1 - number));
    }
    EXPECT_EQ(forward.size(), backward.size());
    EXPECT_LE(forward.size(), trace_sample::traces_max);
    EXPECT_GE(forward.size(), trace_sample::traces_max / 3);
    for (std::uint64_t number = 1; number <= traces; ++number) {
        const std::uint64_t rank = trace_rank(make_trace(number));
        EXPECT_EQ(forward.contains(rank), backward.contains(rank));
        EXPECT_EQ(forward.contains(rank), forward.knows(rank));
    }
}

}  // namespace
}  // namespace reprise::detect
