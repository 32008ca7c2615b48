#include "reprise/base/metrics.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

TEST(metrics, renders_families_in_order_with_help_type_and_labels)
{
    metrics all;
    all.add_gauge("reprise_queue_runs", "Runs waiting.").set(-3);
    all.add_counter("reprise_intake_records_total", "Records taken.", "signal=\"logs\"").add(5);
    all.add_counter("reprise_intake_records_total", "Records taken.", "signal=\"spans\"").add();

    EXPECT_EQ(
        all.render(),
        "# HELP reprise_intake_records_total Records taken.\n"
        "# TYPE reprise_intake_records_total counter\n"
        "reprise_intake_records_total{signal=\"logs\"} 5\n"
        "reprise_intake_records_total{signal=\"spans\"} 1\n"
        "# HELP reprise_queue_runs Runs waiting.\n"
        "# TYPE reprise_queue_runs gauge\n"
        "reprise_queue_runs -3\n"
    );
}

TEST(metrics, the_same_series_asked_for_twice_is_one)
{
    metrics all;
    all.add_counter("reprise_x_total", "X.").add(2);
    all.add_counter("reprise_x_total", "X.").add(3);
    EXPECT_EQ(all.add_counter("reprise_x_total", "X.").value(), 5U);
}

}  // namespace
}  // namespace reprise
