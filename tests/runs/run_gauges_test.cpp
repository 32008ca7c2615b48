#include "../../server/runs/run_gauges.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <array>

namespace reprise::runs {
namespace {

bool has_line(const metrics& numbers, const std::string& line)
{
    return numbers.render().find("\n" + line + "\n") != std::string::npos;
}

TEST(run_gauges, show_each_kind_and_state_and_how_long_the_queue_is)
{
    metrics numbers;
    run_gauges gauges(numbers);
    const std::array figures = {
        store::run_figure{model::run_kind::reproduce, model::run_state::queued, 7},
        store::run_figure{model::run_kind::fix, model::run_state::dead_letter, 2}};

    gauges.show(figures, 100 * ns_per_s, 142 * ns_per_s);

    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="reproduce",state="queued"} 7)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="fix",state="dead_letter"} 2)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="publish",state="paused"} 0)"));
    EXPECT_TRUE(has_line(numbers, "reprise_runs_queue_age_seconds 42"));

    gauges.show({}, std::nullopt, 142 * ns_per_s);
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="reproduce",state="queued"} 0)"));
    EXPECT_TRUE(has_line(numbers, "reprise_runs_queue_age_seconds 0"));
}

}  // namespace
}  // namespace reprise::runs
