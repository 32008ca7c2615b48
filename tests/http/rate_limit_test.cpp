#include "../../server/http/rate_limit.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::http {
namespace {

TEST(rate_limit, a_burst_passes_and_then_what_is_paid_back)
{
    rate_limiter limits({3, 0.5}, 10);
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(limits.take("ada", 0)) << i;
    EXPECT_EQ(limits.take("ada", 0), 2);
    EXPECT_EQ(limits.take("ada", ns_per_s), 1);
    EXPECT_FALSE(limits.take("ada", 2 * ns_per_s));
    EXPECT_EQ(limits.take("ada", 2 * ns_per_s), 2);
    EXPECT_FALSE(limits.take("bob", 0)) << "each key has its own";
}

TEST(rate_limit, after_a_long_pause_the_burst_is_whole_again_and_no_larger)
{
    rate_limiter limits({2, 1}, 10);
    EXPECT_FALSE(limits.take("ada", 0));
    for (int i = 0; i < 2; ++i)
        EXPECT_FALSE(limits.take("ada", 1000 * ns_per_s));
    EXPECT_TRUE(limits.take("ada", 1000 * ns_per_s));
}

TEST(rate_limit, keys_are_bounded_and_the_longest_unused_goes_first)
{
    rate_limiter limits({1, 0.001}, 3);
    for (const std::string key : {"a", "b", "c", "a", "d"})
        static_cast<void>(limits.take(key, 0));
    EXPECT_EQ(limits.size(), 3U);
    EXPECT_TRUE(limits.take("a", 0)) << "used again, so still known";
    EXPECT_FALSE(limits.take("b", 0)) << "forgotten";
}

}  // namespace
}  // namespace reprise::http
