#include "reprise/lifecycle/incident_machine.hpp"

#include <gtest/gtest.h>

namespace reprise::lifecycle {
namespace {

using model::incident_status;

constexpr std::int64_t noon_ns = 1'764'000'000'000'000'000;

model::incident incident_in(incident_status status)
{
    model::incident incident;
    incident.id = "01INCIDENT";
    incident.status = status;
    incident.occurrences = 10;
    incident.generation = 2;
    incident.version = 7;
    incident.first_seen_ns = noon_ns - 1'000;
    incident.last_seen_ns = noon_ns - 500;
    if (status == incident_status::resolved)
        incident.resolved_ns = noon_ns;
    if (status == incident_status::needs_human)
        incident.reason = "no_target";
    return incident;
}

occurrence seen_at(std::int64_t seen_ns)
{
    occurrence seen;
    seen.seen_ns = seen_ns;
    seen.now_ns = seen_ns + 60;
    seen.actor = "pipeline";
    seen.why = "Seen again.";
    return seen;
}

TEST(occurrence, a_new_fingerprint_makes_an_incident)
{
    EXPECT_EQ(find_occurrence_rule(nullptr, noon_ns), occurrence_rule::create);
}

TEST(occurrence, in_every_other_status_it_is_counted_once_and_nothing_else_moves)
{
    for (int value = 0; value <= static_cast<int>(incident_status::rejected); ++value) {
        const auto status = static_cast<incident_status>(value);
        if (status == incident_status::resolved)
            continue;
        const auto counted = count_occurrence(incident_in(status), seen_at(noon_ns));
        EXPECT_EQ(counted.rule, occurrence_rule::count) << model::to_text(status);
        EXPECT_FALSE(counted.enqueue_work);
        EXPECT_FALSE(counted.event);
        EXPECT_EQ(counted.incident.status, status);
        EXPECT_EQ(counted.incident.occurrences, 11U);
        EXPECT_EQ(counted.incident.generation, 2);
        EXPECT_EQ(counted.incident.version, 8);
        EXPECT_EQ(counted.incident.last_seen_ns, noon_ns);
    }
}

TEST(occurrence, exactly_24_hours_after_resolving_is_still_the_same_problem)
{
    const auto counted = count_occurrence(incident_in(incident_status::resolved), seen_at(noon_ns + reopen_after_ns));

    EXPECT_EQ(counted.rule, occurrence_rule::recurred);
    EXPECT_TRUE(counted.incident.recurred);
    EXPECT_EQ(counted.incident.status, incident_status::resolved);
    EXPECT_EQ(counted.incident.version, 8);
    EXPECT_FALSE(counted.enqueue_work);
    ASSERT_TRUE(counted.event);
    EXPECT_EQ(counted.event->from, "resolved");
    EXPECT_EQ(counted.event->to, "resolved");
}

TEST(occurrence, recurring_is_told_once)
{
    const auto first = count_occurrence(incident_in(incident_status::resolved), seen_at(noon_ns + 1));
    const auto second = count_occurrence(first.incident, seen_at(noon_ns + 2));

    EXPECT_TRUE(first.event);
    EXPECT_FALSE(second.event);
    EXPECT_EQ(second.incident.occurrences, 12U);
    EXPECT_EQ(second.incident.version, 9);
}

TEST(occurrence, more_than_24_hours_after_resolving_reopens_with_the_next_generation)
{
    const auto seen = seen_at(noon_ns + reopen_after_ns + 1);
    const auto counted = count_occurrence(incident_in(incident_status::resolved), seen);

    EXPECT_EQ(counted.rule, occurrence_rule::reopen);
    EXPECT_TRUE(counted.enqueue_work);
    EXPECT_EQ(counted.incident.status, incident_status::detected);
    EXPECT_EQ(counted.incident.phase, "queued");
    EXPECT_EQ(counted.incident.generation, 3);
    EXPECT_EQ(counted.incident.occurrences, 11U);
    EXPECT_FALSE(counted.incident.resolved_ns);
    ASSERT_TRUE(counted.event);
    EXPECT_EQ(counted.event->from, "resolved");
    EXPECT_EQ(counted.event->to, "detected/queued");
}

TEST(occurrence, a_late_record_of_the_time_before_resolving_is_only_counted)
{
    const auto counted = count_occurrence(incident_in(incident_status::resolved), seen_at(noon_ns));

    EXPECT_EQ(counted.rule, occurrence_rule::count);
    EXPECT_FALSE(counted.incident.recurred);
    EXPECT_EQ(counted.incident.occurrences, 11U);
}

TEST(occurrence, hostile_times_do_not_overflow)
{
    const auto early = count_occurrence(incident_in(incident_status::resolved), seen_at(INT64_MIN));
    const auto late = find_occurrence_rule(&early.incident, INT64_MAX);

    EXPECT_EQ(early.rule, occurrence_rule::count);
    EXPECT_EQ(late, occurrence_rule::reopen);
}

TEST(occurrence, noise_is_looked_at_again_when_it_grew_tenfold)
{
    auto noise = incident_in(incident_status::noise);
    noise.occurrences = 38;
    auto seen = seen_at(noon_ns);
    seen.noise_occurrences = 4;

    const auto before = count_occurrence(noise, seen);
    const auto at = count_occurrence(before.incident, seen);

    EXPECT_EQ(before.rule, occurrence_rule::count);
    EXPECT_EQ(at.rule, occurrence_rule::reclassify);
    EXPECT_TRUE(at.enqueue_work);
    EXPECT_EQ(at.incident.status, incident_status::detected);
    EXPECT_EQ(at.incident.generation, 3);
    EXPECT_EQ(find_occurrence_rule(&noise, noon_ns, 1'000'000, 0), occurrence_rule::count);
}

TEST(occurrence, one_event_may_stand_for_many)
{
    auto seen = seen_at(noon_ns - 10'000);
    seen.added = 28;
    const auto counted = count_occurrence(incident_in(incident_status::reproducing), seen);

    EXPECT_EQ(counted.incident.occurrences, 38U);
    EXPECT_EQ(counted.incident.first_seen_ns, noon_ns - 10'000);
    EXPECT_EQ(counted.incident.last_seen_ns, noon_ns - 500);
}

}  // namespace
}  // namespace reprise::lifecycle
