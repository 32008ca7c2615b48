#include "../../server/synth/draws.hpp"
#include "../../server/synth/limits.hpp"
#include "../../server/synth/token_times.hpp"
#include "../../server/synth/tool_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::synth {
namespace {

TEST(draws, fractions_are_even_and_depend_on_every_part_of_their_place)
{
    const draws luck(1);
    double sum = 0;
    int low = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        const double one = luck.fraction(draw::stop, i);
        ASSERT_GE(one, 0.0);
        ASSERT_LT(one, 1.0);
        sum += one;
        low += one < 0.1 ? 1 : 0;
    }
    EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
    EXPECT_NEAR(low, 1'000, 100);
    const double here = luck.fraction(draw::jitter, 3, 1);
    EXPECT_EQ(here, draws(1).fraction(draw::jitter, 3, 1));
    EXPECT_NE(here, luck.fraction(draw::thought, 3, 1));
    EXPECT_NE(here, luck.fraction(draw::jitter, 4, 1));
    EXPECT_NE(here, luck.fraction(draw::jitter, 3, 2));
    EXPECT_NE(here, draws(2).fraction(draw::jitter, 3, 1));
}

TEST(draws, both_ends_of_a_range_come_up)
{
    const draws luck(5);
    int least = 100;
    int most = 0;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
        const int one = luck.between(10, 60, draw::thought, i);
        least = std::min(least, one);
        most = std::max(most, one);
    }
    EXPECT_EQ(least, 10);
    EXPECT_EQ(most, 60);
}

TEST(draws, seeds_for_others_are_never_negative_numbers)
{
    for (std::uint64_t i = 0; i < 1'000; ++i)
        EXPECT_LT(draws(i).seed_of(draw::tool_error, i), std::uint64_t{1} << 63);
}

TEST(draws, as_many_calls_fail_as_the_rate_says)
{
    int failed = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i)
        failed += fails(draws(9).seed_of(draw::tool_error, i), 0.2) ? 1 : 0;
    EXPECT_NEAR(failed, 2'000, 160);
    EXPECT_FALSE(fails(17, 0));
    EXPECT_TRUE(fails(17, 1));
}

TEST(token_times, keeps_all_while_there_are_few)
{
    token_times times;
    EXPECT_TRUE(times.sample().empty());
    for (const std::int64_t at : {100, 150, 260})
        times.add(at);

    EXPECT_EQ(times.sample(), (std::vector<std::int64_t>{100, 150, 260}));
    EXPECT_EQ(times.count(), 3);
    EXPECT_EQ(times.first_ns(), 100);
    EXPECT_EQ(times.largest_gap_ns(), 110);
}

TEST(token_times, samples_evenly_with_both_ends_however_many_there_are)
{
    for (const std::int64_t count : {127, 128, 129, 254, 255, 400, 1'000, 72'000}) {
        token_times times;
        for (std::int64_t i = 0; i < count; ++i)
            times.add(i);

        const auto sample = times.sample();

        EXPECT_LE(sample.size(), token_events_max) << count;
        EXPECT_GE(sample.size(), 64U) << count;
        EXPECT_EQ(sample.front(), 0) << count;
        EXPECT_EQ(sample.back(), count - 1) << count;
        for (std::size_t i = 2; i + 1 < sample.size(); ++i)
            EXPECT_EQ(sample[i] - sample[i - 1], sample[1] - sample[0]) << count;
    }
}

}  // namespace
}  // namespace reprise::synth
