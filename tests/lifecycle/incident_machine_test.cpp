#include "reprise/lifecycle/incident_machine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

using model::incident_status;

model::incident incident_in(incident_status status, std::string phase = {}, std::string reason = {})
{
    model::incident incident;
    incident.id = "01INCIDENT";
    incident.status = status;
    incident.phase = std::move(phase);
    incident.reason = std::move(reason);
    incident.generation = 3;
    incident.version = 5;
    return incident;
}

incident_change change_to(incident_status to, change_cause cause = change_cause::work)
{
    incident_change change;
    change.to = to;
    change.cause = cause;
    change.actor = "run:01RUN";
    change.why = "Because.";
    change.now_ns = 42;
    return change;
}

model::run run_for(model::run_kind kind, std::int64_t generation = 3)
{
    model::run run;
    run.id = "01RUN";
    run.kind = kind;
    run.generation = generation;
    run.attempt = 4;
    run.error = "connection refused";
    return run;
}

TEST(incident, a_change_says_who_why_from_to_and_when)
{
    auto change = change_to(incident_status::reproducing);
    change.phase = "running";
    const auto changed = apply(incident_in(incident_status::detected, "queued"), change);

    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->incident.status, incident_status::reproducing);
    EXPECT_EQ(changed->incident.phase, "running");
    EXPECT_EQ(changed->incident.version, 6);
    EXPECT_EQ(changed->incident.generation, 3);
    EXPECT_EQ(changed->incident.updated_ns, 42);
    EXPECT_EQ(changed->event.incident_id, "01INCIDENT");
    EXPECT_EQ(changed->event.actor, "run:01RUN");
    EXPECT_EQ(changed->event.from, "detected/queued");
    EXPECT_EQ(changed->event.to, "reproducing/running");
    EXPECT_EQ(changed->event.why, "Because.");
    EXPECT_EQ(changed->event.at_ns, 42);
}

TEST(incident, another_version_than_the_expected_one_is_stale)
{
    auto change = change_to(incident_status::reproducing);
    change.expected_version = 4;
    EXPECT_EQ(apply(incident_in(incident_status::detected, "queued"), change).error(), reprise::errc::stale);

    change.expected_version = 5;
    EXPECT_TRUE(apply(incident_in(incident_status::detected, "queued"), change));
}

TEST(incident, an_edge_is_open_for_its_causes_only)
{
    struct row {
        const char* name;
        incident_status from;
        incident_status to;
        change_cause cause;
        bool open;
    };
    using enum incident_status;
    const row rows[] = {
        {"skipping reproduction is a policy", detected, diagnosing, change_cause::policy, true},
        {"work may not skip reproduction", detected, diagnosing, change_cause::work, false},
        {"a ticket needs the gate", reproduced, submitted, change_cause::gate, true},
        {"work does not pass the gate by itself", reproduced, submitted, change_cause::work, false},
        {"a person alone does not publish", needs_human, submitted, change_cause::person, false},
        {"a person retries", needs_human, detected, change_cause::person, true},
        {"work does not retry an incident", needs_human, detected, change_cause::work, false},
        {"a person does not reopen what is resolved", resolved, detected, change_cause::person, false},
        {"seeing it again reopens", resolved, detected, change_cause::seen_again, true},
        {"wontfix is not reopened by being seen", wontfix, detected, change_cause::seen_again, false},
        {"work may not skip for good", reproducing, wontfix, change_cause::work, false},
        {"work does not resolve what nobody published", reproducing, resolved, change_cause::work, false},
        {"a verification resolves", submitted, resolved, change_cause::work, true},
    };
    for (const row& one : rows) {
        const auto changed = apply(incident_in(one.from, "", "no_target"), change_to(one.to, one.cause));
        EXPECT_EQ(changed.has_value(), one.open) << one.name;
        if (!one.open) {
            EXPECT_EQ(changed.error(), errc::illegal_transition) << one.name;
        }
    }
}

TEST(incident, waiting_for_a_person_needs_a_known_reason)
{
    auto change = change_to(incident_status::needs_human);
    EXPECT_EQ(apply(incident_in(incident_status::reproducing, "running"), change).error(), errc::reason_required);

    change.reason = "felt_like_it";
    EXPECT_EQ(apply(incident_in(incident_status::reproducing, "running"), change).error(), errc::unknown_reason);

    change.reason = "no_target";
    const auto changed = apply(incident_in(incident_status::reproducing, "running"), change);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->incident.reason, "no_target");
    EXPECT_EQ(changed->event.to, "needs_human(no_target)");
}

TEST(incident, every_reason_says_what_it_means_and_the_way_out)
{
    EXPECT_GE(human_reasons().size(), 21U);
    for (const human_reason& one : human_reasons()) {
        EXPECT_TRUE(find_reason(one.code));
        EXPECT_TRUE(one.meaning.ends_with('.')) << one.code;
        EXPECT_TRUE(one.way_out.ends_with('.')) << one.code;
    }
}

TEST(incident, a_reason_ends_with_the_waiting)
{
    const auto changed = apply(
        incident_in(incident_status::needs_human, "", "no_target"),
        change_to(incident_status::detected, change_cause::person)
    );
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->incident.reason, "");
    EXPECT_EQ(changed->incident.phase, "queued");
}

TEST(incident, a_phase_belongs_to_its_status)
{
    auto change = change_to(incident_status::reproducing);
    change.phase = "planned";
    EXPECT_EQ(apply(incident_in(incident_status::detected, "queued"), change).error(), errc::unknown_phase);
}

TEST(incident, phases_move_inside_a_status_but_not_to_where_they_are)
{
    auto change = change_to(incident_status::reproduced);
    change.phase = "awaiting_approval";
    const auto moved = apply(incident_in(incident_status::reproduced, "queued"), change);
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->event.from, "reproduced/queued");

    EXPECT_EQ(apply(moved->incident, change).error(), errc::illegal_transition);
    EXPECT_EQ(
        apply(incident_in(incident_status::wontfix), change_to(incident_status::wontfix)).error(),
        errc::illegal_transition
    );
}

TEST(incident, a_retry_is_a_new_generation)
{
    for (const auto from : {incident_status::needs_human, incident_status::wontfix, incident_status::noise,
                            incident_status::duplicate, incident_status::rejected}) {
        const auto changed = apply(incident_in(from), change_to(incident_status::detected, change_cause::person));
        ASSERT_TRUE(changed) << model::to_text(from);
        EXPECT_EQ(changed->incident.generation, 4);
    }
}

TEST(incident, the_time_of_resolving_is_kept_while_it_is_resolved)
{
    const auto solved =
        apply(incident_in(incident_status::submitted, "ticket_open"), change_to(incident_status::resolved));
    ASSERT_TRUE(solved);
    EXPECT_EQ(solved->incident.resolved_ns, 42);

    auto again = change_to(incident_status::detected, change_cause::seen_again);
    const auto reopened = apply(solved->incident, again);
    ASSERT_TRUE(reopened);
    EXPECT_FALSE(reopened->incident.resolved_ns);
}

std::string actions_in(incident_status status)
{
    std::string text;
    for (const person_action action : allowed_actions(incident_in(status, "", "no_target"))) {
        text += std::string(to_text(action)) + " ";
        EXPECT_EQ(find_person_action(to_text(action)), action);
    }
    return text;
}

TEST(incident, people_are_offered_what_the_table_allows)
{
    EXPECT_EQ(actions_in(incident_status::needs_human), "retry skip resolve reproduce publish ");
    EXPECT_EQ(actions_in(incident_status::detected), "skip resolve ");
    EXPECT_EQ(actions_in(incident_status::reproducing), "skip resolve ");
    EXPECT_EQ(actions_in(incident_status::submitted), "skip resolve ");
    EXPECT_EQ(actions_in(incident_status::wontfix), "retry ");
    EXPECT_EQ(actions_in(incident_status::rejected), "retry ");
    EXPECT_EQ(actions_in(incident_status::resolved), "");
    EXPECT_EQ(find_person_action("delete"), std::nullopt);
}

TEST(incident, work_for_an_old_generation_is_discarded)
{
    const auto incident = incident_in(incident_status::reproducing, "running");

    EXPECT_FALSE(find_discard_reason(incident, run_for(model::run_kind::reproduce)));
    EXPECT_EQ(
        find_discard_reason(incident, run_for(model::run_kind::reproduce, 2)),
        "the incident is at generation 3, this work was for generation 2"
    );
}

TEST(incident, work_is_discarded_after_the_status_moved)
{
    EXPECT_EQ(
        find_discard_reason(incident_in(incident_status::wontfix), run_for(model::run_kind::reproduce)),
        "the incident moved to wontfix"
    );
    EXPECT_TRUE(find_discard_reason(incident_in(incident_status::resolved), run_for(model::run_kind::publish)));
    EXPECT_TRUE(find_discard_reason(incident_in(incident_status::submitted), run_for(model::run_kind::publish)));
    EXPECT_FALSE(find_discard_reason(
        incident_in(incident_status::needs_human, "", "no_target"), run_for(model::run_kind::publish)
    ));
}

TEST(incident, a_dead_letter_waits_for_a_person_and_replaying_it_restores_the_place)
{
    const auto run = run_for(model::run_kind::reproduce);
    const auto dead = dead_letter(incident_in(incident_status::reproducing, "running"), run, 50);
    ASSERT_TRUE(dead);
    EXPECT_EQ(dead->incident.status, incident_status::needs_human);
    EXPECT_EQ(dead->incident.reason, "dead_letter");
    EXPECT_EQ(dead->event.why, "The reproduce run failed in all 4 attempts: connection refused");

    const auto back = restore_after_dead_letter(dead->incident, run, dead->event, "user:ada", 60);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->incident.status, incident_status::reproducing);
    EXPECT_EQ(back->incident.phase, "running");
    EXPECT_EQ(back->incident.reason, "");
    EXPECT_EQ(back->incident.generation, 3);
    EXPECT_EQ(back->event.actor, "user:ada");
}

TEST(incident, a_dead_letter_in_detected_does_not_add_a_generation_when_replayed)
{
    const auto run = run_for(model::run_kind::reproduce);
    const auto dead = dead_letter(incident_in(incident_status::detected, "queued"), run, 50);
    ASSERT_TRUE(dead);
    const auto back = restore_after_dead_letter(dead->incident, run, dead->event, "user:ada", 60);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->incident.status, incident_status::detected);
    EXPECT_EQ(back->incident.generation, 3);
}

TEST(incident, a_publish_run_that_dies_gives_the_old_reason_back_when_replayed)
{
    const auto run = run_for(model::run_kind::publish);
    const auto dead = dead_letter(incident_in(incident_status::needs_human, "", "no_target"), run, 50);
    ASSERT_TRUE(dead);
    EXPECT_EQ(dead->event.from, "needs_human(no_target)");

    const auto back = restore_after_dead_letter(dead->incident, run, dead->event, "user:ada", 60);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->incident.reason, "no_target");
}

TEST(incident, a_dead_letter_of_discarded_work_changes_nothing)
{
    EXPECT_FALSE(dead_letter(incident_in(incident_status::wontfix), run_for(model::run_kind::reproduce), 50));
    const auto old_run = run_for(model::run_kind::reproduce, 1);
    EXPECT_FALSE(dead_letter(incident_in(incident_status::detected, "queued"), old_run, 50));
}

TEST(incident, only_the_run_that_died_restores)
{
    const auto run = run_for(model::run_kind::reproduce);
    const auto dead = dead_letter(incident_in(incident_status::reproducing, "running"), run, 50);
    ASSERT_TRUE(dead);
    auto other = run;
    other.id = "01OTHER";
    auto old = run;
    old.generation = 2;
    auto broken = dead->event;
    broken.from = "reproducing/dancing";
    auto waiting = dead->incident;
    waiting.reason = "flaky";

    const auto restore = [](const auto& incident, const auto& by, const auto& event) {
        return restore_after_dead_letter(incident, by, event, "user:ada", 60).error();
    };
    EXPECT_EQ(restore(dead->incident, other, dead->event), errc::illegal_transition);
    EXPECT_EQ(restore(dead->incident, old, dead->event), errc::illegal_transition);
    EXPECT_EQ(restore(waiting, run, dead->event), errc::illegal_transition);
    EXPECT_EQ(restore(dead->incident, run, broken), reprise::errc::corrupt);
}

TEST(incident, errors_have_a_stable_word_and_a_sentence)
{
    EXPECT_EQ(to_text(errc::illegal_transition), "illegal_transition");
    EXPECT_EQ(to_text(errc::self_review), "self_review");
    const error_code code = errc::comment_required;
    EXPECT_EQ(code.message(), "say why in a comment");
    for (int value = 1; value <= static_cast<int>(errc::confirmation_required); ++value) {
        EXPECT_NE(to_text(static_cast<errc>(value)), "unknown");
        EXPECT_NE(make_error_code(static_cast<errc>(value)).message(), "unknown error");
    }
}

}  // namespace
}  // namespace reprise::lifecycle
