#include "reprise/pipeline/moment.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t noon_ns = 1'700'000'000LL * ns_per_s;
constexpr std::int64_t hour_ns = 3600 * ns_per_s;

TEST(wall_guard, passes_a_clock_that_behaves)
{
    wall_guard guard;
    EXPECT_EQ(guard.observe(noon_ns, 5).wall_ns, noon_ns);
    EXPECT_EQ(guard.observe(noon_ns + ns_per_s, 5 + ns_per_s).wall_ns, noon_ns + ns_per_s);
}

TEST(wall_guard, follows_a_jump_forward)
{
    wall_guard guard;
    guard.observe(noon_ns, 0);
    EXPECT_EQ(guard.observe(noon_ns + hour_ns, ns_per_s).wall_ns, noon_ns + hour_ns);
}

TEST(wall_guard, goes_on_at_the_pace_of_the_steady_clock_after_a_jump_back)
{
    wall_guard guard;
    guard.observe(noon_ns, 0);
    EXPECT_EQ(guard.observe(noon_ns - hour_ns, ns_per_s).wall_ns, noon_ns + ns_per_s);
    EXPECT_EQ(guard.observe(noon_ns - hour_ns + ns_per_s, 2 * ns_per_s).wall_ns, noon_ns + 2 * ns_per_s);
}

TEST(wall_guard, believes_a_jump_back_that_lasts)
{
    wall_guard guard;
    guard.observe(noon_ns, 0);
    const std::int64_t later_ns = wall_guard::believe_after_ns + 1;
    guard.observe(noon_ns - hour_ns + 1, 1);
    EXPECT_EQ(guard.observe(noon_ns - hour_ns + later_ns, later_ns).wall_ns, noon_ns - hour_ns + later_ns);
    EXPECT_EQ(
        guard.observe(noon_ns - hour_ns + later_ns + 1, later_ns + 1).wall_ns, noon_ns - hour_ns + later_ns + 1
    );
}

}  // namespace
}  // namespace reprise::pipeline
