#include "../../server/app/replay_gate.hpp"

#include <gtest/gtest.h>

namespace reprise::app {
namespace {

TEST(replay_gate, reads_figure_limit_and_unit)
{
    const auto gate = parse_gate("p95>800ms");
    ASSERT_TRUE(gate);
    EXPECT_EQ(gate->figure.what, replay::subject::p95);
    EXPECT_DOUBLE_EQ(gate->figure.number, 800);
    EXPECT_EQ(gate->text, "p95>800ms");
    EXPECT_EQ(parse_gate("failing>0%")->figure.what, replay::subject::failing);
    EXPECT_EQ(parse_gate("failing >= 1%")->figure.how, replay::comparison::greater_equal);
}

class refused_gates : public testing::TestWithParam<const char*> {};

TEST_P(refused_gates, are_no_gates)
{
    const auto gate = parse_gate(GetParam());

    ASSERT_FALSE(gate);
    EXPECT_EQ(gate.error().code, replay::errc::bad_condition);
}

INSTANTIATE_TEST_SUITE_P(
    cases, refused_gates,
    testing::Values(
        "", "p95", "p95>", "p95>800", "p95>800us", "p42>1ms", "failing>-1%", "status==500", "p95>1s and failing>0%",
        "failing contains 'x'", "calls>20"
    )
);

}  // namespace
}  // namespace reprise::app
