#include "simulated_bug.hpp"

#include "builders.hpp"

#include "reprise/replay/export.hpp"

#include <gtest/gtest.h>

namespace reprise::replay {
namespace {

using namespace test;

TEST(export_exchanges, have_the_requests_of_the_scenario_and_the_captured_answers)
{
    std::vector<model::exchange> captured = {make_exchange("GET", "/a", 200), make_exchange("GET", "/b", 500)};
    captured[1].start_ns = 5 * ns_per_s;
    captured[1].duration_ns = 30 * ns_per_ms;
    captured[1].response_body = "oops";
    scenario what = keep_requests(make_scenario(captured), {false, true});
    what.pacing = pacing::groups;
    what.requests[0].path = "/b?x=1";
    what.requests[0].copies = 2;

    const auto made = to_exchanges(what, captured);

    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[0].path, "/b?x=1");
    EXPECT_EQ(made[0].response_body, "oops");
    EXPECT_EQ(made[0].status, 500);
    EXPECT_EQ(made[0].start_ns, 5 * ns_per_s);
    EXPECT_EQ(made[1].start_ns, made[0].start_ns);
}

TEST(export_exchanges, begin_a_group_when_the_one_before_has_ended)
{
    std::vector<model::exchange> captured(3, make_exchange("GET", "/a", 200));
    for (std::size_t i = 0; i < captured.size(); ++i)
        captured[i].duration_ns = 20 * ns_per_ms;
    scenario what = one_after_the_other(make_scenario(captured));
    what.requests[2].group = 1;

    const auto made = to_exchanges(what, captured);

    EXPECT_EQ(made[1].start_ns - made[0].start_ns, 21 * ns_per_ms);
    EXPECT_EQ(made[2].start_ns, made[1].start_ns);
}

TEST(export_exchanges, hold_captured_values_in_place_of_markers)
{
    std::vector<model::exchange> captured(2, make_exchange("GET", "/a", 200));
    scenario what = make_scenario(captured);
    what.requests[1].path = "/a/900719925474099101";
    carried_value value;
    value.marker = "900719925474099101";
    value.captured = "17";
    what.values.push_back(value);

    EXPECT_EQ(to_exchanges(what, captured)[1].path, "/a/17");
}

}  // namespace
}  // namespace reprise::replay
