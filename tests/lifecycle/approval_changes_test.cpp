#include "reprise/lifecycle/approval_machine.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::lifecycle {
namespace {

using model::approval_state;
using model::risk;

constexpr std::int64_t now_ns = 1'764'000'000'000'000'000;
constexpr std::int64_t minute_ns = 60 * ns_per_s;
constexpr std::int64_t hour_ns = 60 * minute_ns;
const approval_policy policy;

model::approval asked(risk level = risk::high)
{
    approval_request request;
    request.id = "01APPROVAL";
    request.run_id = "01RUN";
    request.incident_id = "01INCIDENT";
    request.action = "ticket";
    request.content = R"({"action":"ticket","title":"a"})";
    request.risk = level;
    request.risk_reasons = {"severity high"};
    request.requested_by = "user:ada";
    request.generation = 2;
    request.severity = model::severity::medium;
    request.evidence_sha256 = "e1";
    request.now_ns = now_ns;
    return open_approval(request, policy);
}

decision_attempt approval_of(const model::approval& approval, std::int64_t authenticated_ns, std::int64_t at_ns)
{
    decision_attempt attempt;
    attempt.person.id = "id-grace";
    attempt.person.name = "grace";
    attempt.person.roles.approver = true;
    attempt.auth = auth_kind::session;
    attempt.content_hash = approval.content_hash;
    attempt.confirm = approval.content_hash.substr(0, confirm_digits);
    attempt.authenticated_ns = authenticated_ns;
    attempt.now_ns = at_ns;
    return attempt;
}

error_code refusal(const model::approval& approval, const decision_attempt& attempt)
{
    const auto outcome = decide(approval, {}, attempt, policy);
    return outcome ? error_code() : outcome.error();
}

model::incident incident_as_asked()
{
    model::incident incident;
    incident.id = "01INCIDENT";
    incident.generation = 2;
    incident.severity = model::severity::medium;
    return incident;
}

edited_content edit_at(std::int64_t at_ns)
{
    edited_content edited;
    edited.id = "01SECOND";
    edited.summary = "Write the ticket \"b\".";
    edited.content = R"({"action":"ticket","title":"b"})";
    edited.edited_by = "user:edith";
    edited.now_ns = at_ns;
    return edited;
}

TEST(approval_changes, critical_is_released_by_a_session_that_is_ten_minutes_old_at_most)
{
    const auto approval = asked(risk::critical);
    EXPECT_EQ(refusal(approval, approval_of(approval, now_ns, now_ns + 10 * minute_ns)), error_code());
    EXPECT_EQ(
        refusal(approval, approval_of(approval, now_ns, now_ns + 10 * minute_ns + 1)), errc::reauthentication_required
    );
    EXPECT_EQ(refusal(approval, approval_of(approval, 0, now_ns + 1)), errc::reauthentication_required);
}

TEST(approval_changes, an_old_session_still_releases_high_and_still_refuses_critical)
{
    const auto high = asked();
    EXPECT_EQ(refusal(high, approval_of(high, 0, now_ns + hour_ns)), error_code());

    const auto critical = asked(risk::critical);
    auto reject = approval_of(critical, 0, now_ns + hour_ns);
    reject.kind = model::decision_kind::reject;
    reject.comment = "wrong service";
    EXPECT_EQ(refusal(critical, reject), error_code());
}

TEST(approval_changes, people_are_told_once_at_half_and_at_nine_tenths_of_the_time)
{
    auto approval = asked();
    const auto at = [&](std::int64_t after_ns) { return find_reminder(approval, now_ns + after_ns); };
    EXPECT_FALSE(at(12 * hour_ns - 1));
    EXPECT_EQ(at(12 * hour_ns), 50U);
    approval.reminded = 50;
    EXPECT_FALSE(at(12 * hour_ns));
    EXPECT_FALSE(at(24 * hour_ns / 10 * 9 - 1));
    EXPECT_EQ(at(24 * hour_ns / 10 * 9), 90U);
    approval.reminded = 90;
    EXPECT_FALSE(at(23 * hour_ns));
    EXPECT_FALSE(at(24 * hour_ns)) << "over: it expires";
}

TEST(approval_changes, a_server_that_slept_over_the_first_reminder_gives_only_the_second)
{
    auto approval = asked();
    EXPECT_EQ(find_reminder(approval, now_ns + 23 * hour_ns), 90U);
    approval.state = approval_state::approved;
    EXPECT_FALSE(find_reminder(approval, now_ns + 23 * hour_ns));
}

TEST(approval_changes, it_is_void_when_what_it_was_asked_on_moves)
{
    const auto approval = asked();
    EXPECT_FALSE(find_void_reason(approval, incident_as_asked(), "e1"));

    auto again = incident_as_asked();
    again.generation = 3;
    EXPECT_EQ(find_void_reason(approval, again, "e1"), "the incident started over (generation 3)");
    auto worse = incident_as_asked();
    worse.severity = model::severity::critical;
    EXPECT_EQ(
        find_void_reason(approval, worse, "e1"), "the problem got worse: severity medium is now critical"
    );
    EXPECT_EQ(find_void_reason(approval, incident_as_asked(), "e2"), "the evidence is not the one that was seen");
    EXPECT_TRUE(find_void_reason(approval, incident_as_asked(), "")) << "deleted is replaced, too";
}

TEST(approval_changes, what_got_better_voids_nothing)
{
    const auto approval = asked();
    auto better = incident_as_asked();
    better.severity = model::severity::low;
    EXPECT_FALSE(find_void_reason(approval, better, "e1"));
    EXPECT_FALSE(find_void_reason(model::approval(), incident_as_asked(), "e9")) << "a row from before";
}

TEST(approval_changes, an_edit_voids_the_first_and_asks_for_the_second_with_its_whole_time)
{
    const auto approval = asked();
    const auto done = edit_content(approval, edit_at(now_ns + hour_ns), policy);

    ASSERT_TRUE(done);
    ASSERT_TRUE(done->voided);
    EXPECT_EQ(done->voided->state, approval_state::voided);
    EXPECT_EQ(done->opened.id, "01SECOND");
    EXPECT_EQ(done->opened.state, approval_state::pending);
    EXPECT_EQ(done->opened.content_hash, sha256_hex(edit_at(0).content));
    EXPECT_EQ(done->opened.edited_by, "user:edith");
    EXPECT_EQ(done->opened.requested_by, "user:ada");
    EXPECT_EQ(done->opened.expires_ns, now_ns + 25 * hour_ns);
    EXPECT_EQ(done->opened.risk, risk::high);
    EXPECT_EQ(done->opened.generation, 2);
    EXPECT_EQ(done->opened.evidence_sha256, "e1");
}

TEST(approval_changes, what_was_sent_back_is_edited_too_and_nothing_else)
{
    auto approval = asked();
    approval.state = approval_state::changes_requested;
    const auto done = edit_content(approval, edit_at(now_ns + hour_ns), policy);
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->voided);

    EXPECT_EQ(edit_content(approval, edit_at(now_ns + 24 * hour_ns), policy).error(), errc::expired);
    auto same = edit_at(now_ns + 1);
    same.content = approval.content;
    EXPECT_EQ(edit_content(approval, same, policy).error(), errc::unchanged);
    for (const approval_state state : {approval_state::approved, approval_state::rejected, approval_state::stopped,
                                       approval_state::expired, approval_state::voided, approval_state::executed,
                                       approval_state::lapsed}) {
        approval.state = state;
        EXPECT_EQ(edit_content(approval, edit_at(now_ns + 1), policy).error(), errc::not_editable);
    }
}

TEST(approval_changes, the_last_editor_does_not_release_a_critical_edit)
{
    const auto approval = asked(risk::critical);
    auto edited = edit_at(now_ns + 1);
    edited.edited_by = "user:grace";
    const auto opened = edit_content(approval, edited, policy)->opened;

    EXPECT_EQ(refusal(opened, approval_of(opened, now_ns, now_ns + 2)), errc::self_review);
    EXPECT_EQ(refusal(approval, approval_of(approval, now_ns, now_ns + 2)), error_code());
}

}  // namespace
}  // namespace reprise::lifecycle
