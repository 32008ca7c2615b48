#include "../../server/detect/line_fit.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

namespace reprise::detect {
namespace {

using points = std::vector<std::pair<double, double>>;

TEST(line_fit, goes_through_points_that_lie_on_a_line)
{
    const auto line = fit_line(points{{1, 12}, {2, 14}, {5, 20}, {9, 28}});

    EXPECT_DOUBLE_EQ(line.slope, 2);
    EXPECT_DOUBLE_EQ(line.intercept, 10);
    EXPECT_DOUBLE_EQ(line.r, 1);
    EXPECT_EQ(line.points, 4U);
    EXPECT_EQ(rising_p_value(line), 0);
}

TEST(line_fit, has_no_slope_where_none_can_be_told)
{
    EXPECT_EQ(fit_line(points{}).points, 0U);
    EXPECT_EQ(fit_line(points{{4, 5}, {4, 9}}).slope, 0);
    const auto flat = fit_line(points{{1, 7}, {2, 7}, {3, 7}});
    EXPECT_EQ(flat.slope, 0);
    EXPECT_EQ(flat.intercept, 7);
    EXPECT_EQ(rising_p_value(flat), 1);
}

// Student's t: 2.921 with 16 degrees of freedom has 0.5 % above it, 12.706 with 1 has 2.5 %, 1.990 with 80 has 2.5 %.
TEST(line_fit, knows_the_tail_of_students_t)
{
    const auto with = [](double t, double freedom) {
        model::fitted_line line;
        line.points = static_cast<std::uint32_t>(freedom) + 2;
        line.r = t / std::sqrt(freedom + t * t);
        return rising_p_value(line);
    };

    EXPECT_NEAR(with(2.921, 16), 0.005, 1e-5);
    EXPECT_NEAR(with(12.706, 1), 0.025, 1e-5);
    EXPECT_NEAR(with(1.990, 80), 0.025, 1e-4);
    EXPECT_NEAR(with(0.0001, 30), 0.5, 1e-3);
}

TEST(line_fit, a_falling_line_does_not_rise)
{
    EXPECT_EQ(rising_p_value(fit_line(points{{1, 9}, {2, 8}, {3, 7}, {4, 6.5}})), 1);
}

TEST(line_fit, noise_is_significant_as_often_as_it_should_be)
{
    test::dice dice(3);
    int significant = 0;
    for (int round = 0; round < 2000; ++round) {
        points noise;
        for (int point = 0; point < 12; ++point)
            noise.emplace_back(dice.uniform(), dice.normal());
        significant += rising_p_value(fit_line(noise)) < 0.05 ? 1 : 0;
    }

    EXPECT_NEAR(significant, 100, 35);
}

TEST(line_fit, sizes_are_counted_once_each)
{
    EXPECT_EQ(count_sizes(points{{1, 1}, {3, 1}, {1, 2}, {2, 1}, {3, 9}}), 3U);
}

}  // namespace
}  // namespace reprise::detect
