#include "reprise/lifecycle/approval_machine.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::lifecycle {
namespace {

using model::approval_state;
using model::decision_kind;
using model::risk;

constexpr std::int64_t now_ns = 1'764'000'000'000'000'000;
constexpr std::int64_t hour_ns = 3600 * ns_per_s;
const approval_policy policy;

model::person approver(const std::string& name)
{
    model::person person;
    person.id = "id-" + name;
    person.name = name;
    person.roles.approver = true;
    return person;
}

model::approval pending(risk level, std::string requested_by = "pipeline", std::string edited_by = {})
{
    approval_request request;
    request.id = "01APPROVAL";
    request.run_id = "01RUN";
    request.incident_id = "01INCIDENT";
    request.action = "ticket";
    request.summary = "Write a ticket.";
    request.content = R"({"action":"ticket"})";
    request.risk = level;
    request.requested_by = std::move(requested_by);
    request.edited_by = std::move(edited_by);
    request.now_ns = now_ns;
    return open_approval(request, policy);
}

decision_attempt attempt_by(
    const model::approval& approval, const model::person& person, decision_kind kind = decision_kind::approve
)
{
    decision_attempt attempt;
    attempt.person = person;
    attempt.auth = auth_kind::session;
    attempt.kind = kind;
    attempt.comment = kind == decision_kind::approve ? "" : "The numbers are of another service.";
    attempt.content_hash = approval.content_hash;
    attempt.confirm = approval.risk == risk::critical ? approval.content_hash.substr(0, 8) : "";
    attempt.authenticated_ns = now_ns;
    attempt.now_ns = now_ns + 1;
    return attempt;
}

error_code refusal(const model::approval& approval, const decision_attempt& attempt)
{
    const auto outcome = decide(approval, {}, attempt, policy);
    return outcome ? error_code() : outcome.error();
}

TEST(approval, levels_need_nobody_one_or_two)
{
    EXPECT_EQ(approvals_needed(risk::low, policy), 0U);
    EXPECT_EQ(approvals_needed(risk::medium, policy), 0U);
    EXPECT_EQ(approvals_needed(risk::high, policy), 1U);
    EXPECT_EQ(approvals_needed(risk::critical, policy), 2U);

    approval_policy strict;
    strict.passes_up_to = std::nullopt;
    EXPECT_EQ(approvals_needed(risk::low, strict), 1U);

    approval_policy careless;
    careless.passes_up_to = risk::critical;
    careless.approvals_critical = 0;
    EXPECT_EQ(approvals_needed(risk::high, careless), 1U);
    EXPECT_EQ(approvals_needed(risk::critical, careless), 1U);
}

TEST(approval, is_bound_to_the_hash_of_its_content_and_has_its_level_s_clock)
{
    const auto high = pending(risk::high);
    EXPECT_EQ(high.content_hash, sha256_hex(high.content));
    EXPECT_EQ(high.state, approval_state::pending);
    EXPECT_EQ(high.expires_ns, now_ns + 24 * hour_ns);
    EXPECT_EQ(pending(risk::critical).expires_ns, now_ns + 4 * hour_ns);
}

TEST(approval, a_medium_risk_passes_by_itself_and_must_be_executed_in_time)
{
    const auto medium = pending(risk::medium);

    EXPECT_EQ(medium.state, approval_state::approved);
    EXPECT_EQ(medium.decided_ns, now_ns);
    EXPECT_EQ(medium.expires_ns, now_ns + hour_ns);
    EXPECT_TRUE(execute(medium, medium.content, now_ns + 1));
}

TEST(approval, one_approver_releases_high_also_who_started_it)
{
    const auto approval = pending(risk::high, "user:ada");
    const auto outcome = decide(approval, {}, attempt_by(approval, approver("ada")), policy);

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->approval.state, approval_state::approved);
    EXPECT_EQ(outcome->approval.expires_ns, now_ns + 1 + hour_ns);
    EXPECT_EQ(outcome->approval.version, approval.version + 1);
    EXPECT_EQ(outcome->decision.user, "ada");
    EXPECT_EQ(outcome->decision.content_hash, approval.content_hash);
    EXPECT_EQ(outcome->decision.at_ns, now_ns + 1);
}

TEST(approval, critical_needs_two_different_people)
{
    const auto approval = pending(risk::critical);
    const auto first = decide(approval, {}, attempt_by(approval, approver("ada")), policy);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->approval.state, approval_state::pending);
    EXPECT_EQ(first->approvals_given, 1U);
    EXPECT_EQ(first->approval.expires_ns, approval.expires_ns);

    const std::vector earlier = {first->decision};
    const auto again = decide(first->approval, earlier, attempt_by(approval, approver("ada")), policy);
    EXPECT_EQ(again.error(), errc::same_person);

    const auto second = decide(first->approval, earlier, attempt_by(approval, approver("grace")), policy);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->approval.state, approval_state::approved);
    EXPECT_EQ(second->approvals_given, 2U);
}

TEST(approval, critical_is_not_released_by_its_starter_or_last_editor)
{
    const auto approval = pending(risk::critical, "user:ada", "user:grace");

    EXPECT_EQ(refusal(approval, attempt_by(approval, approver("ada"))), errc::self_review);
    EXPECT_EQ(refusal(approval, attempt_by(approval, approver("grace"))), errc::self_review);
    EXPECT_EQ(refusal(approval, attempt_by(approval, approver("linus"))), error_code());

    const auto by_id = pending(risk::critical, "user:id-ada");
    EXPECT_EQ(refusal(by_id, attempt_by(by_id, approver("ada"))), errc::self_review);
}

TEST(approval, only_a_signed_in_person_decides_whatever_the_roles_say)
{
    const auto approval = pending(risk::high);
    for (const char* word : {"token", "service_account", "agent", "link", "Slack", "", "SESSION"}) {
        auto attempt = attempt_by(approval, approver("ada"));
        attempt.auth = auth_kind_of(word);
        EXPECT_EQ(refusal(approval, attempt), errc::not_a_person) << word;
    }
    EXPECT_EQ(auth_kind_of("session"), auth_kind::session);
    auto robot = attempt_by(approval, approver("ada"));
    robot.person.kind = model::person_kind::service;
    EXPECT_EQ(refusal(approval, robot), errc::not_a_person) << "however it got a session";
}

TEST(approval, a_service_account_never_decides_and_counts_for_nobody)
{
    const auto approval = pending(risk::high);
    auto robot = approver("robot");
    robot.kind = model::person_kind::service;

    EXPECT_EQ(refusal(approval, attempt_by(approval, robot)), errc::not_a_person);
    EXPECT_EQ(who_may_decide(approval, {}, std::vector{robot}).front().why, "service account");
    EXPECT_EQ(approvers_missing(std::vector{robot}, policy).size(), 2U);
}

TEST(approval, a_button_in_slack_decides_high_at_most)
{
    for (const auto level : {risk::high, risk::critical}) {
        const auto approval = pending(level);
        auto attempt = attempt_by(approval, approver("ada"));
        attempt.auth = auth_kind_of("slack");
        attempt.confirm = approval.content_hash.substr(0, confirm_digits);
        const bool decides = level < risk::critical;
        EXPECT_EQ(decide(approval, {}, attempt, policy).has_value(), decides) << model::to_text(level);
        if (!decides) {
            EXPECT_EQ(refusal(approval, attempt), errc::not_a_person);
            attempt.kind = model::decision_kind::reject;
            attempt.comment = "no";
            EXPECT_EQ(refusal(approval, attempt), errc::not_a_person) << "nor is it refused there";
        }
    }
}

TEST(approval, only_an_approver_decides_and_admin_is_not_one)
{
    const auto approval = pending(risk::high);
    auto admin = approver("ada");
    admin.roles = {};
    admin.roles.admin = admin.roles.operator_ = admin.roles.viewer = true;
    auto disabled = approver("ada");
    disabled.disabled = true;

    EXPECT_EQ(refusal(approval, attempt_by(approval, admin)), errc::not_approver);
    EXPECT_EQ(refusal(approval, attempt_by(approval, disabled)), errc::not_approver);
    EXPECT_EQ(refusal(approval, attempt_by(approval, admin, decision_kind::stop)), errc::not_approver);
}

TEST(approval, is_decided_once)
{
    const auto approval = pending(risk::high);
    for (const decision_kind kind : {decision_kind::approve, decision_kind::reject, decision_kind::request_changes,
                                     decision_kind::stop}) {
        const auto decided = decide(approval, {}, attempt_by(approval, approver("ada"), kind), policy);
        ASSERT_TRUE(decided);
        EXPECT_NE(decided->approval.state, approval_state::pending);
        EXPECT_EQ(refusal(decided->approval, attempt_by(approval, approver("grace"))), errc::already_decided);
    }
}

TEST(approval, one_reject_ends_a_critical_one_that_has_an_approval)
{
    const auto approval = pending(risk::critical);
    const auto first = decide(approval, {}, attempt_by(approval, approver("ada")), policy);
    const std::vector earlier = {first->decision};
    const auto rejected =
        decide(first->approval, earlier, attempt_by(approval, approver("grace"), decision_kind::reject), policy);

    ASSERT_TRUE(rejected);
    EXPECT_EQ(rejected->approval.state, approval_state::rejected);
    EXPECT_EQ(rejected->approval.decided_ns, now_ns + 1);
}

TEST(approval, reject_and_request_changes_say_why)
{
    const auto approval = pending(risk::high);
    for (const decision_kind kind : {decision_kind::reject, decision_kind::request_changes}) {
        auto attempt = attempt_by(approval, approver("ada"), kind);
        for (const char* nothing : {"", " ", "\n\t "}) {
            attempt.comment = nothing;
            EXPECT_EQ(refusal(approval, attempt), errc::comment_required);
        }
    }
    auto stop = attempt_by(approval, approver("ada"), decision_kind::stop);
    stop.comment.clear();
    EXPECT_EQ(refusal(approval, stop), error_code());

    auto endless = attempt_by(approval, approver("ada"), decision_kind::reject);
    endless.comment = std::string(comment_bytes_max + 1, 'x');
    EXPECT_EQ(refusal(approval, endless), reprise::errc::too_large);
}

TEST(approval, critical_is_confirmed_by_typing_the_hash)
{
    const auto approval = pending(risk::critical);
    auto attempt = attempt_by(approval, approver("ada"));
    for (const std::string& typed : {std::string(), std::string("deadbeef"), approval.content_hash.substr(0, 7),
                                     approval.content_hash}) {
        attempt.confirm = typed;
        EXPECT_EQ(refusal(approval, attempt), errc::confirmation_required) << typed;
    }
    auto reject = attempt_by(approval, approver("ada"), decision_kind::reject);
    reject.confirm.clear();
    EXPECT_EQ(refusal(approval, reject), error_code());
}

TEST(approval, what_the_person_saw_must_be_what_is_asked)
{
    const auto approval = pending(risk::high);
    auto attempt = attempt_by(approval, approver("ada"));
    attempt.content_hash = sha256_hex("something else");
    EXPECT_EQ(refusal(approval, attempt), errc::hash_mismatch);

    attempt.content_hash.clear();
    EXPECT_EQ(refusal(approval, attempt), errc::hash_mismatch);
}

TEST(approval, an_expired_one_is_never_approved)
{
    const auto approval = pending(risk::high);
    auto attempt = attempt_by(approval, approver("ada"));
    attempt.now_ns = approval.expires_ns - 1;
    EXPECT_EQ(refusal(approval, attempt), error_code());

    attempt.now_ns = approval.expires_ns;
    EXPECT_EQ(refusal(approval, attempt), errc::expired);

    EXPECT_FALSE(expire_if_due(approval, approval.expires_ns - 1));
    const auto over = expire_if_due(approval, approval.expires_ns);
    ASSERT_TRUE(over);
    EXPECT_EQ(over->state, approval_state::expired);
    EXPECT_EQ(refusal(*over, attempt), errc::expired);
    EXPECT_FALSE(expire_if_due(*over, approval.expires_ns + hour_ns));
}

TEST(approval, an_approval_not_executed_in_time_must_be_asked_again)
{
    const auto approval = pending(risk::high);
    const auto approved = decide(approval, {}, attempt_by(approval, approver("ada")), policy)->approval;

    EXPECT_TRUE(execute(approved, approved.content, approved.expires_ns - 1));
    EXPECT_EQ(execute(approved, approved.content, approved.expires_ns).error(), errc::lapsed);
    const auto lapsed = expire_if_due(approved, approved.expires_ns);
    ASSERT_TRUE(lapsed);
    EXPECT_EQ(lapsed->state, approval_state::lapsed);
    EXPECT_EQ(execute(*lapsed, approved.content, approved.expires_ns).error(), errc::lapsed);
}

TEST(approval, only_the_approved_content_is_executed_and_once)
{
    const auto approval = pending(risk::high);
    const auto approved = decide(approval, {}, attempt_by(approval, approver("ada")), policy)->approval;

    EXPECT_EQ(execute(approval, approval.content, now_ns).error(), errc::already_decided);
    EXPECT_EQ(execute(approved, approved.content + " ", now_ns + 2).error(), errc::hash_mismatch);
    const auto executed = execute(approved, approved.content, now_ns + 2);
    ASSERT_TRUE(executed);
    EXPECT_EQ(executed->state, approval_state::executed);
    EXPECT_EQ(execute(*executed, approved.content, now_ns + 2).error(), errc::already_decided);
}

TEST(approval, changed_content_voids_it)
{
    const auto approval = pending(risk::high);
    const auto approved = decide(approval, {}, attempt_by(approval, approver("ada")), policy)->approval;

    EXPECT_FALSE(void_if_changed(approval, approval.content, now_ns));
    EXPECT_EQ(void_if_changed(approval, "other", now_ns)->state, approval_state::voided);
    EXPECT_EQ(void_if_changed(approved, "other", now_ns)->state, approval_state::voided);
    const auto executed = *execute(approved, approved.content, now_ns + 2);
    EXPECT_FALSE(void_if_changed(executed, "other", now_ns));
    EXPECT_EQ(void_approval(executed, now_ns).error(), errc::already_decided);
}

TEST(approval, says_of_each_person_whether_they_may_decide_and_why_not)
{
    const auto approval = pending(risk::critical, "user:ada", "user:edith");
    auto viewer = approver("vera");
    viewer.roles = {};
    viewer.roles.viewer = viewer.roles.operator_ = true;
    auto nobody = approver("nick");
    nobody.roles = {};
    auto gone = approver("gus");
    gone.disabled = true;
    const std::vector people = {approver("ada"), approver("edith"), approver("grace"), approver("linus"),
                                viewer, nobody, gone};
    const auto first = decide(approval, {}, attempt_by(approval, approver("grace")), policy);
    const std::vector decisions = {first->decision};

    const auto rows = who_may_decide(first->approval, decisions, people);

    ASSERT_EQ(rows.size(), 7U);
    EXPECT_EQ(rows[0].why, "started this run");
    EXPECT_EQ(rows[1].why, "last edited the content");
    EXPECT_EQ(rows[2].why, "already approved");
    EXPECT_EQ(rows[3].why, "");
    EXPECT_TRUE(rows[3].may_decide);
    EXPECT_EQ(rows[3].name, "linus");
    EXPECT_EQ(rows[4].why, "role viewer,operator");
    EXPECT_EQ(rows[5].why, "no role");
    EXPECT_EQ(rows[6].why, "account disabled");
}

TEST(approval, who_may_decide_and_decide_agree)
{
    const auto approval = pending(risk::critical, "user:ada");
    const auto first = decide(approval, {}, attempt_by(approval, approver("grace")), policy);
    const std::vector decisions = {first->decision};
    auto viewer = approver("vera");
    viewer.roles.approver = false;
    const std::vector people = {approver("ada"), approver("grace"), approver("linus"), viewer};

    const auto rows = who_may_decide(first->approval, decisions, people);
    for (std::size_t i = 0; i < people.size(); ++i) {
        const auto outcome = decide(first->approval, decisions, attempt_by(approval, people[i]), policy);
        EXPECT_EQ(outcome.has_value(), rows[i].may_decide) << people[i].name;
    }
}

TEST(approval, warns_when_a_level_needs_more_people_than_there_are)
{
    auto gone = approver("gus");
    gone.disabled = true;
    const std::vector<model::person> none = {gone};
    const std::vector<model::person> one = {approver("ada"), gone};
    const std::vector<model::person> two = {approver("ada"), approver("grace")};

    ASSERT_EQ(approvers_missing(none, policy).size(), 2U);
    EXPECT_EQ(
        approvers_missing(none, policy)[0],
        "HIGH cannot be released: 1 approver needed, 0 exist. Give someone the role approver."
    );
    ASSERT_EQ(approvers_missing(one, policy).size(), 1U);
    EXPECT_EQ(
        approvers_missing(one, policy)[0],
        "CRITICAL cannot be released: 2 approvers needed, 1 exists. Give someone the role approver."
    );
    EXPECT_TRUE(approvers_missing(two, policy).empty());
}

}  // namespace
}  // namespace reprise::lifecycle
