#include "gate_world.hpp"


#include <algorithm>
#include <atomic>
#include <thread>

namespace reprise::runs {
namespace {

using model::approval_state;
using model::decision_kind;
using model::run_state;

class decisions : public test::gate_world {
protected:
    void SetUp() override { open_incident(); }
};

TEST_F(decisions, what_waits_has_exactly_what_will_happen_and_what_it_was_asked_on)
{
    const auto approval = approval_of(waiting_run());

    EXPECT_EQ(approval.state, approval_state::pending);
    EXPECT_EQ(approval.action, "ticket");
    EXPECT_EQ(approval.content_hash, sha256_hex(approval.content));
    EXPECT_EQ(approval.risk, model::risk::critical) << "high, and one level more: nothing proved it";
    EXPECT_EQ(approval.requested_by, "user:ada");
    EXPECT_EQ(approval.generation, 1);
    EXPECT_EQ(approval.severity, model::severity::high);
    EXPECT_TRUE(publications().empty());
    ASSERT_EQ(notices.all.size(), 1U);
    EXPECT_EQ(notices.all[0].kind, notice_kind::approval_opened);
    EXPECT_EQ(notices.all[0].approval_id, approval.id);
    EXPECT_EQ(notices.all[0].content_hash, approval.content_hash);
}

TEST_F(decisions, two_people_release_a_critical_one_and_it_is_published_once)
{
    const std::string run = waiting_run();
    const auto approval = approval_of(run);
    const auto first = decide(decision_on(approval, "bo"));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->approval.state, approval_state::pending);
    EXPECT_EQ(decide(decision_on(approval, "ada")).error(), lifecycle::errc::self_review);
    ASSERT_TRUE(decide(decision_on(approval, "cy")));
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(place(), "submitted/ticket_open");
    EXPECT_EQ(approval_of(run).state, approval_state::executed);
    ASSERT_EQ(trackers.asked.size(), 1U);
    EXPECT_EQ(trackers.asked[0].content_hash, approval.content_hash);
    const auto told = notices.ids();
    EXPECT_EQ(told, (std::vector<std::string>{"approval_opened pending", "approval_decided approved",
                                              "publication_done published"}));
}

TEST_F(decisions, a_session_that_is_too_old_releases_nothing_critical)
{
    const auto approval = approval_of(waiting_run());
    auto old = decision_on(approval, "bo");
    old.authenticated_ns = time.now_ns() - 11 * test::minute_ns;

    EXPECT_EQ(decide(old).error(), lifecycle::errc::reauthentication_required);
    EXPECT_EQ(approval_of(approval.run_id).state, approval_state::pending);
    EXPECT_EQ(audit_actions(), std::vector<std::string>{});
}

TEST_F(decisions, a_rejection_ends_the_run_and_the_incident)
{
    const std::string run = waiting_run();
    const auto done = decide(decision_on(approval_of(run), "bo", decision_kind::reject));

    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->run.state, run_state::succeeded);
    EXPECT_EQ(place(), "rejected");
    EXPECT_EQ(audit_actions(), std::vector<std::string>{"approval.reject"});
}

TEST_F(decisions, what_is_sent_back_keeps_its_run_waiting_for_an_editor)
{
    const std::string run = waiting_run();
    const auto done = decide(decision_on(approval_of(run), "bo", decision_kind::request_changes));

    ASSERT_TRUE(done);
    EXPECT_EQ(done->approval.state, approval_state::changes_requested);
    EXPECT_EQ(done->run.state, run_state::waiting_approval);
    EXPECT_EQ(place(), "needs_human(no_target)") << "where publish anyway began";
}

TEST_F(decisions, stopping_leaves_the_incident_to_people)
{
    const std::string run = waiting_run();
    ASSERT_TRUE(decide(decision_on(approval_of(run), "bo", decision_kind::stop)));
    EXPECT_EQ(run_now(run).state, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(stopped)");
}

TEST_F(decisions, of_many_at_once_one_decides_and_all_others_are_told)
{
    constexpr int people = 16;
    change_incident([](model::incident& incident) { incident.severity = model::severity::medium; });
    const auto approval = approval_of(waiting_run());
    ASSERT_EQ(approval.approvals_needed, 1U) << "high";
    std::atomic<int> decided{0};
    std::atomic<int> refused{0};
    std::atomic<int> other{0};

    std::vector<std::thread> crowd;
    for (int i = 0; i < people; ++i) {
        crowd.emplace_back([&, i] {
            const auto kind = i % 2 == 0 ? decision_kind::approve : decision_kind::reject;
            const auto done = decide(decision_on(approval, "person " + std::to_string(i), kind));
            if (done)
                ++decided;
            else
                ++(done.error() == lifecycle::errc::already_decided ? refused : other);
        });
    }
    for (std::thread& one : crowd)
        one.join();

    EXPECT_EQ(decided, 1);
    EXPECT_EQ(refused, people - 1);
    EXPECT_EQ(other, 0);
    const auto rows = read([&](store::reader& from) { return store::list_decisions(from, approval.id); });
    EXPECT_EQ(rows.size(), 1U);
    EXPECT_EQ(audit_actions().size(), 1U);
}

TEST_F(decisions, a_refusal_leaves_no_trace_of_its_transaction)
{
    const auto approval = approval_of(waiting_run());
    auto unsaid = decision_on(approval, "bo", decision_kind::reject);
    unsaid.comment = " ";
    EXPECT_EQ(decide(unsaid).error(), lifecycle::errc::comment_required);
    EXPECT_TRUE(audit_actions().empty());
    EXPECT_TRUE(read([&](store::reader& from) { return store::list_decisions(from, approval.id); }).empty());
    EXPECT_EQ(notices.all.size(), 1U);
}

}  // namespace
}  // namespace reprise::runs
