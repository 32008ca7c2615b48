#include "../../server/runs/delivery_lanes.hpp"
#include "../../server/runs/delivery_report.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/runs/deliverer.hpp"

#include <gtest/gtest.h>

namespace reprise::runs {
namespace {

constexpr std::int64_t t0 = 1'000 * ns_per_s;
const lane_pace pace = {4, ns_per_s / 10, 10};

TEST(delivery_lanes, an_endpoint_has_its_places_and_all_together_have_theirs)
{
    delivery_lanes lanes(6);
    EXPECT_EQ(lanes.find_room("a", pace, t0), 4U);
    for (int i = 0; i < 4; ++i)
        lanes.begin("a", pace, t0);
    EXPECT_EQ(lanes.find_room("a", pace, t0), 0U);
    EXPECT_EQ(lanes.find_room("b", pace, t0), 2U);
    lanes.end("a");
    EXPECT_EQ(lanes.find_room("a", pace, t0), 1U);
    EXPECT_EQ(lanes.under_way(), 3U);
}

TEST(delivery_lanes, a_burst_is_paid_back_at_the_pace)
{
    delivery_lanes lanes(100);
    const lane_pace slow = {100, ns_per_s / 2, 2};
    for (int i = 0; i < 2; ++i) {
        lanes.begin("a", slow, t0);
        lanes.end("a");
    }
    EXPECT_EQ(lanes.find_room("a", slow, t0), 0U);
    EXPECT_EQ(lanes.find_room("a", slow, t0 + ns_per_s / 2 - 1), 0U);
    EXPECT_EQ(lanes.find_room("a", slow, t0 + ns_per_s / 2), 1U);
    EXPECT_EQ(lanes.find_room("a", slow, t0 + 10 * ns_per_s), 2U) << "no more than a burst, however long the rest";
}

TEST(delivery_lanes, a_pause_is_kept_and_never_shortened)
{
    delivery_lanes lanes(10);
    lanes.pause("a", t0 + 10);
    lanes.pause("a", t0 + 5);
    EXPECT_EQ(lanes.find_room("a", pace, t0 + 9), 0U);
    EXPECT_EQ(lanes.find_room("a", pace, t0 + 10), 4U);
    EXPECT_EQ(lanes.find_room("b", pace, t0), 4U);
}

TEST(delivery_lanes, lanes_at_rest_are_forgotten)
{
    delivery_lanes lanes(10);
    lanes.begin("a", pace, t0);
    lanes.begin("b", pace, t0);
    lanes.end("b");
    lanes.pause("c", t0 + 10 * ns_per_s);
    lanes.forget_idle(t0 + ns_per_s);
    EXPECT_EQ(lanes.size(), 2U);
    lanes.end("a");
    lanes.end("a");
    lanes.forget_idle(t0 + 10 * ns_per_s);
    EXPECT_EQ(lanes.size(), 0U);
    EXPECT_EQ(lanes.under_way(), 0U);
}

TEST(delivery_report, a_delivery_ends_as_its_attempt_says)
{
    store::delivery one;
    one.id = "d1";
    one.rung = 1;
    delivery_report came;
    came.error = "answered 500";
    EXPECT_EQ(decide_delivery(one, came, t0).state, store::delivery_state::pending);
    EXPECT_GE(decide_delivery(one, came, t0).due_ns, t0 + 5 * ns_per_s);
    came.refused = true;
    EXPECT_EQ(decide_delivery(one, came, t0).state, store::delivery_state::failed);

    delivery_report later;
    later.put_off = true;
    later.asked_for = std::chrono::seconds(30);
    one.rung = 10;
    const auto put_off = decide_delivery(one, later, t0);
    EXPECT_EQ(put_off.state, store::delivery_state::pending) << "the ladder's end does not matter: nothing was tried";
    EXPECT_EQ(put_off.due_ns, t0 + 30 * ns_per_s);
    EXPECT_FALSE(put_off.uses_rung);

    delivery_report unknown;
    unknown.known = false;
    one.rung = 2;
    EXPECT_FALSE(decide_delivery(one, unknown, t0).known);
    delivery_report done;
    done.delivered = true;
    EXPECT_EQ(decide_delivery(one, done, t0).state, store::delivery_state::delivered);
}

TEST(delivery_report, only_a_busy_endpoint_is_left_alone_and_not_for_ever)
{
    delivery_report came;
    came.asked_for = std::chrono::seconds(30);
    EXPECT_FALSE(pause_after(came));
    came.busy = true;
    EXPECT_EQ(pause_after(came), std::chrono::seconds(30));
    came.asked_for = std::chrono::hours(500);
    EXPECT_EQ(pause_after(came), endpoint_pause_max);
    came.asked_for.reset();
    EXPECT_EQ(pause_after(came), endpoint_pause_default);
}

}  // namespace
}  // namespace reprise::runs
