#include "../../server/app/replay_gate.hpp"

#include <gtest/gtest.h>

namespace reprise::app {
namespace {

TEST(replay_gate, reads_figure_limit_and_unit)
{
    const auto gate = parse_gate("p95>800ms");
    ASSERT_TRUE(gate);
    EXPECT_EQ(gate->figure, gate_figure::p95);
    EXPECT_DOUBLE_EQ(gate->limit, 800);
    EXPECT_EQ(parse_gate("failing>0%")->figure, gate_figure::failing);
}

class refused_gates : public testing::TestWithParam<const char*> {};

TEST_P(refused_gates, are_no_gates)
{
    EXPECT_FALSE(parse_gate(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    cases, refused_gates,
    testing::Values("", "p95", "p95>", "p95>800", "p95>800s", "p42>1ms", "failing>-1%", "failing<1%")
);

}  // namespace
}  // namespace reprise::app
