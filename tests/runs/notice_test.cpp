#include "reprise/runs/notice.hpp"

#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/publications.hpp"

#include <gtest/gtest.h>

namespace reprise::runs {
namespace {

model::incident incident_fixture()
{
    model::incident incident;
    incident.id = "01I";
    incident.service = "checkout";
    incident.title = "POST /orders fails";
    incident.severity = model::severity::high;
    incident.generation = 2;
    return incident;
}

model::approval approval_fixture()
{
    model::approval approval;
    approval.id = "01A";
    approval.run_id = "01R";
    approval.incident_id = "01I";
    approval.summary = "Write a ticket";
    approval.content_hash = "abc";
    approval.approvals_needed = 2;
    approval.risk = model::risk::critical;
    approval.expires_ns = 90;
    return approval;
}

TEST(notice, of_what_waits_says_what_how_long_and_where)
{
    const auto told = notice_of(notice_kind::approval_opened, approval_fixture(), incident_fixture(), "user:ada", 7);
    EXPECT_EQ(told.id, "approval_opened/01A");
    EXPECT_EQ(told.text, "Waits for 2 approvals: Write a ticket");
    EXPECT_EQ(told.title, "POST /orders fails");
    EXPECT_EQ(told.risk, model::risk::critical);
    EXPECT_EQ(told.page, "/approvals/01A");
    EXPECT_EQ(told.content_hash, "abc");
    EXPECT_EQ(told.expires_ns, 90);
    EXPECT_EQ(told.at_ns, 7);
}

TEST(notice, reminders_of_one_approval_are_told_apart)
{
    auto approval = approval_fixture();
    approval.reminded = 50;
    const auto first = notice_of(notice_kind::approval_reminder, approval, incident_fixture(), "clock", 7);
    approval.reminded = 90;
    const auto second = notice_of(notice_kind::approval_reminder, approval, incident_fixture(), "clock", 8);
    EXPECT_EQ(first.percent, 50U);
    EXPECT_NE(first.id, second.id);
}

TEST(notice, of_a_decision_names_who_and_has_no_clock_any_more)
{
    auto approval = approval_fixture();
    approval.state = model::approval_state::rejected;
    const auto told = notice_of(notice_kind::approval_decided, approval, incident_fixture(), "user:bo", 7);
    EXPECT_EQ(told.text, "rejected by user:bo: Write a ticket");
    EXPECT_EQ(told.actor, "user:bo");
    EXPECT_FALSE(told.expires_ns);
}

TEST(notice, of_a_publication_has_its_url_or_its_error)
{
    store::publication row;
    row.id = "01P";
    row.run_id = "01R";
    row.kind = "ticket";
    row.target = "jira:OPS";
    row.url = "https://jira/OPS-1";
    row.error = "401";
    row.state = store::publication_state::published;
    EXPECT_EQ(notice_of(notice_kind::publication_done, row, incident_fixture(), 7).text,
              "ticket at jira:OPS: https://jira/OPS-1");
    row.state = store::publication_state::failed;
    const auto failed = notice_of(notice_kind::publication_failed, row, incident_fixture(), 7);
    EXPECT_EQ(failed.text, "ticket at jira:OPS failed: 401");
    EXPECT_EQ(failed.state, "failed");
}

TEST(notice, of_an_incident_is_one_per_generation)
{
    auto incident = incident_fixture();
    const auto first = incident_notice(incident, 7);
    incident.generation = 3;
    EXPECT_NE(incident_notice(incident, 7).id, first.id);
    model::run run;
    run.id = "01R";
    run.error = "no answer";
    EXPECT_EQ(dead_letter_notice(run, incident, 7).text, "The reproduce run failed in every attempt: no answer");
}

TEST(notice, kinds_have_words_both_ways)
{
    for (const char* word : {"approval_opened", "approval_reminder", "approval_decided", "incident_opened",
                             "run_dead_letter", "publication_done", "publication_failed"}) {
        const auto kind = find_notice_kind(word);
        ASSERT_TRUE(kind) << word;
        EXPECT_EQ(to_text(*kind), word);
    }
    EXPECT_FALSE(find_notice_kind("approval"));
}

}  // namespace
}  // namespace reprise::runs
