#include "alarm_fixture.hpp"

namespace reprise::pipeline {
namespace {

using store::alarm_fate;

class alarm_gate_test : public alarm_fixture {
protected:
    alarm_gate_test() { policy.require_event_approval = true; }

    result<alarm_outcome> approve(const std::string& id)
    {
        return write([&](store::transaction& tx) { return approve_event(tx, id, "user:ada", policy, now_ns); });
    }
    result<store::event_dismissal> dismiss(const std::string& id)
    {
        return write([&](store::transaction& tx) { return dismiss_event(tx, id, "user:ada", now_ns); });
    }
    store::held_event event(const std::string& id)
    {
        return read([&](store::reader& r) { return store::find_held_event(r, id); }).value();
    }
};

TEST_F(alarm_gate_test, an_event_waits_once_per_signature)
{
    const auto first = accept("order 17 lost");
    now_ns += minute_ns;
    const auto second = accept("order 18 lost");

    EXPECT_EQ(first.fate, alarm_fate::held);
    EXPECT_TRUE(first.is_new);
    EXPECT_FALSE(second.is_new);
    EXPECT_EQ(second.event_id, first.event_id);
    EXPECT_EQ(second.occurrences, 2U);
    EXPECT_EQ(event(first.event_id).last_seen_ns, now_ns);
    EXPECT_EQ(event(first.event_id).first_seen_ns, t0);
    EXPECT_TRUE(incidents().empty());
}

TEST_F(alarm_gate_test, a_crash_passes)
{
    const auto outcome = accept("Uncaught exception in the worker");

    EXPECT_EQ(outcome.fate, alarm_fate::opened);
    EXPECT_EQ(outcome.handling, model::handling_class::uncaught);
}

TEST_F(alarm_gate_test, an_approved_event_opens_its_incident_with_all_its_occurrences)
{
    const auto held = accept("order 17 lost");
    accept("order 18 lost");

    const auto opened = approve(held.event_id).value();

    EXPECT_EQ(opened.fate, alarm_fate::opened);
    EXPECT_EQ(incident(opened.incident_id).occurrences, 2U);
    EXPECT_EQ(event(held.event_id).state, store::event_state::approved);
    EXPECT_EQ(event(held.event_id).decided_by, "user:ada");
    EXPECT_EQ(event(held.event_id).incident_id, opened.incident_id);
    store::alarm_filter filter;
    filter.incident_id = opened.incident_id;
    EXPECT_EQ(read([&](store::reader& r) { return store::list_alarms(r, filter); }).size(), 2U);
    EXPECT_EQ(approve(held.event_id).error(), errc::conflict);
    EXPECT_EQ(approve("01ARZ3NDEKTSV4RRFFQ69G5FAV").error(), errc::not_found);
}

TEST_F(alarm_gate_test, what_is_known_counts_without_asking_again)
{
    const auto opened = approve(accept("order 17 lost").event_id).value();

    const auto counted = accept("order 18 lost");

    EXPECT_EQ(counted.fate, alarm_fate::counted);
    EXPECT_EQ(counted.incident_id, opened.incident_id);
}

TEST_F(alarm_gate_test, reopening_asks_again)
{
    const auto opened = approve(accept("order 17 lost").event_id).value();
    set_status(opened.incident_id, model::incident_status::resolved);
    now_ns += 25 * hour_ns;

    const auto held = accept("order 17 lost");

    EXPECT_EQ(held.fate, alarm_fate::held);
    EXPECT_EQ(incident(opened.incident_id).status, model::incident_status::resolved);
    EXPECT_EQ(approve(held.event_id).value().incident_id, opened.incident_id);
    EXPECT_EQ(incident(opened.incident_id).status, model::incident_status::detected);
}

TEST_F(alarm_gate_test, a_dismissed_signature_is_dropped_and_counted_until_it_is_lifted)
{
    const auto held = accept("order 17 lost");
    const auto dismissal = dismiss(held.event_id).value();

    EXPECT_EQ(accept("order 18 lost").fate, alarm_fate::dismissed_signature);
    EXPECT_EQ(read([&](store::reader& r) { return store::find_dismissal(r, dismissal.id); })->dropped, 1U);
    EXPECT_EQ(dismiss(held.event_id).error(), errc::conflict);
    EXPECT_EQ(event(held.event_id).state, store::event_state::dismissed);
    EXPECT_EQ(total("fate.dismissed_signature"), 1U);

    ASSERT_TRUE(write([&](store::transaction& tx) { return store::delete_dismissal(tx, dismissal.id); }));
    EXPECT_EQ(accept("order 19 lost").fate, alarm_fate::held);
}

TEST_F(alarm_gate_test, a_dismissal_also_stops_crashes_of_its_signature)
{
    policy.require_event_approval = true;
    const auto held = accept("order 17 lost");
    ASSERT_TRUE(dismiss(held.event_id));
    auto crash = alarm_of("order 18 lost\nUncaught TypeError");
    EXPECT_EQ(accept(crash).fate, alarm_fate::dismissed_signature);
}

}  // namespace
}  // namespace reprise::pipeline
