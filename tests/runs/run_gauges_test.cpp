#include "../../server/runs/run_gauges.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <string>

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
    queue_figures figures;
    figures.counts = {
        {model::run_kind::reproduce, model::run_state::queued, 7},
        {model::run_kind::fix, model::run_state::dead_letter, 2}};
    figures.holds = {{"storm", 3}, {"person", 1}};
    figures.ready_since_ns = 100 * ns_per_s;
    figures.all_paused = true;

    gauges.show(figures, 142 * ns_per_s);

    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="reproduce",state="queued"} 7)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="fix",state="dead_letter"} 2)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="publish",state="paused"} 0)"));
    EXPECT_TRUE(has_line(numbers, "reprise_runs_queue_age_seconds 42"));
    EXPECT_TRUE(has_line(numbers, "reprise_all_runs_paused 1"));

    EXPECT_TRUE(has_line(numbers, R"(reprise_runs_paused{hold="storm"} 3)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs_paused{hold="person"} 1)"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs_paused{hold="hour_limit"} 0)"));

    gauges.show({}, 142 * ns_per_s);
    EXPECT_TRUE(has_line(numbers, "reprise_all_runs_paused 0"));
    EXPECT_TRUE(has_line(numbers, R"(reprise_runs{kind="reproduce",state="queued"} 0)"));
    EXPECT_TRUE(has_line(numbers, "reprise_runs_queue_age_seconds 0"));
}

}  // namespace
}  // namespace reprise::runs
