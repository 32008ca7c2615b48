#include "gate_world.hpp"

#include "reprise/forge/released.hpp"
#include "reprise/lifecycle/protected_paths.hpp"
#include "reprise/runs/approval_edit.hpp"
#include "reprise/runs/fix.hpp"

namespace reprise::runs {
namespace {

using model::approval_state;
using model::run_state;
using test::failure_kind;

class fix : public test::gate_world {
protected:
    void SetUp() override
    {
        open_incident(model::severity::low);
        set_service([](model::service& service) {
            service.tracker = "github:acme/checkout";
            service.repository = "github:acme/checkout";
        });
    }
    fix_request handed_in(std::vector<forge::changed_file> changed = {{"src/order.ts", "export const limit = 10;\n"}})
    {
        fix_request request;
        request.incident_id = incident_id;
        request.title = "Limit orders in flight";
        request.body = "Ten at once.";
        request.base_branch = "main";
        request.files = std::move(changed);
        request.person = approver("ada");
        return request;
    }
    result<started_fix> start(const fix_request& request)
    {
        return db->write_blocking([&](store::transaction& tx) { return start_fix(tx, request, time.now_ns()); });
    }
    std::string started(const fix_request& request)
    {
        const auto begun = start(request);
        if (!begun)
            throw std::runtime_error(begun.error().message());
        return begun->run.id;
    }
    // A ticket of the incident that exists already.
    void publish_ticket()
    {
        const std::string run = queue(model::run_kind::publish);
        work_until("the ticket waits or is there", [&] { return run_now(run).state != run_state::queued; });
        work_until("the ticket's gate", [&] {
            const auto state = run_now(run).state;
            return state == run_state::waiting_approval || state == run_state::succeeded;
        });
        if (run_now(run).state == run_state::waiting_approval)
            release(approval_of(run));
        work_until_run(run, run_state::succeeded);
        ASSERT_EQ(place(), "submitted/ticket_open");
    }
};

TEST_F(fix, becomes_a_draft_that_waits_and_then_a_pull_request)
{
    const std::string run = started(handed_in());
    EXPECT_EQ(place(), "fixing/preparing");
    work_until_run(run, run_state::waiting_approval);

    const auto approval = approval_of(run);
    EXPECT_EQ(place(), "fixing/awaiting_approval");
    EXPECT_EQ(approval.action, "pull_request");
    EXPECT_EQ(approval.risk, model::risk::high) << "medium, and one level more: not reproduced";
    EXPECT_EQ(
        approval.summary, "Open the draft pull request \"Limit orders in flight\" at github:acme/checkout, 1 file"
    );
    EXPECT_TRUE(trackers.asked.empty());
    release(approval);
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(place(), "submitted/pr_open");
    ASSERT_EQ(trackers.asked.size(), 1U);
    const forge::effect& made = trackers.asked[0];
    EXPECT_EQ(made.kind, forge::effect_kind::pull_request);
    EXPECT_EQ(made.key, incident_id + "-g1-pr");
    EXPECT_EQ(made.head_branch, "reprise/" + incident_id + "-g1-pr");
    EXPECT_EQ(made.base_branch, "main");
    ASSERT_EQ(made.files.size(), 1U);
    EXPECT_EQ(made.files[0].content, "export const limit = 10;\n");
    EXPECT_TRUE(made.body.starts_with("Ten at once.\n\n## Change\n\nFrom `reprise/")) << made.body.substr(0, 60);
    EXPECT_NE(made.body.find("\n## Symptom\n"), std::string::npos);
    EXPECT_EQ(audit_actions().front(), "incident.fix");
}

TEST_F(fix, that_touches_protected_paths_needs_two_people_and_names_them)
{
    const std::string run = started(handed_in({{"db/migrations/0007_orders.sql", "ALTER TABLE orders;\n"}}));
    work_until_run(run, run_state::waiting_approval);

    const auto approval = approval_of(run);
    EXPECT_EQ(approval.risk, model::risk::critical);
    EXPECT_EQ(approval.approvals_needed, 2U);
    EXPECT_EQ(approval.risk_reasons.back(), "Touches db/migrations/0007_orders.sql (database migration).");
    EXPECT_EQ(decide(decision_on(approval, "ada")).error(), lifecycle::errc::self_review);
}

TEST_F(fix, the_ticket_gets_one_note_about_the_pull_request)
{
    publish_ticket();
    const std::string ticket_url = publications().front().url;
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);

    ASSERT_EQ(trackers.asked.size(), 3U);
    EXPECT_EQ(trackers.asked[1].kind, forge::effect_kind::pull_request);
    EXPECT_EQ(trackers.asked[2].kind, forge::effect_kind::comment);
    EXPECT_EQ(trackers.asked[2].parent, ticket_url);
    EXPECT_EQ(trackers.asked[2].key, incident_id + "-g1-pr-note");
    EXPECT_NE(trackers.asked[2].body.find("https://tracker.test/2"), std::string::npos);
    EXPECT_EQ(publications().size(), 3U);
    EXPECT_EQ(place(), "submitted/pr_open");
}

TEST_F(fix, a_note_that_is_refused_holds_nothing_up)
{
    publish_ticket();
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    release(approval_of(run));
    // The first answer is the pull request's, the second the note's.
    trackers.failures.clear();
    work_until("the pull request", [&] { return trackers.asked.size() == 2; });
    trackers.fail(failure_kind::refused, "comments are locked");
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(place(), "submitted/pr_open");
}

TEST_F(fix, a_second_one_replaces_the_one_that_waits)
{
    const std::string first = started(handed_in());
    work_until_run(first, run_state::waiting_approval);
    auto better = handed_in();
    better.title = "Limit orders to five";
    const std::string second = started(better);
    work_until_run(second, run_state::waiting_approval);

    EXPECT_EQ(run_now(first).state, run_state::cancelled);
    EXPECT_EQ(approval_of(first).state, approval_state::voided);
    EXPECT_NE(approval_of(second).content.find("Limit orders to five"), std::string::npos);
}

TEST_F(fix, one_generation_has_one_pull_request)
{
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(start(handed_in()).error(), lifecycle::errc::already_published);
    EXPECT_EQ(place(), "submitted/pr_open");
}

TEST_F(fix, a_refused_pull_request_can_be_handed_in_again)
{
    trackers.fail(failure_kind::refused, "422: the base branch does not exist");
    const std::string first = started(handed_in());
    work_until_run(first, run_state::waiting_approval);
    release(approval_of(first));
    work_until_run(first, run_state::succeeded);
    EXPECT_EQ(place(), "needs_human(publish_failed)");

    auto repaired = handed_in();
    repaired.base_branch = "trunk";
    const std::string second = started(repaired);
    work_until_run(second, run_state::waiting_approval);
    release(approval_of(second));
    work_until_run(second, run_state::succeeded);
    EXPECT_EQ(place(), "submitted/pr_open");
    EXPECT_EQ(trackers.asked[1].base_branch, "trunk");
    EXPECT_EQ(publications().size(), 1U);
}

TEST_F(fix, needs_a_repository_a_state_and_the_version_that_was_seen)
{
    set_service([](model::service& service) { service.repository.clear(); });
    EXPECT_EQ(start(handed_in()).error(), lifecycle::errc::no_repository);
    set_service([](model::service& service) { service.repository = "github:acme/checkout"; });

    auto stale = handed_in();
    stale.expected_version = 77;
    EXPECT_EQ(start(stale).error(), reprise::errc::stale);
    change_incident([](model::incident& incident) {
        incident.status = model::incident_status::resolved;
        incident.reason.clear();
    });
    EXPECT_EQ(start(handed_in()).error(), lifecycle::errc::illegal_transition);
    auto nobody = handed_in();
    nobody.incident_id = "01JD6Z0000000000000000000B";
    EXPECT_EQ(start(nobody).error(), reprise::errc::not_found);
    EXPECT_TRUE(audit_actions().empty());
}

TEST_F(fix, a_rejected_one_rejects_the_incident)
{
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    ASSERT_TRUE(decide(decision_on(approval_of(run), "bo", model::decision_kind::reject)));
    EXPECT_EQ(place(), "rejected");
    EXPECT_TRUE(trackers.asked.empty());
}

TEST(fix_request, names_what_is_wrong_with_it)
{
    fix_request good;
    good.title = "t";
    good.files = {{"a.ts", "x"}};
    EXPECT_FALSE(find_fault(good));
    const auto fault_of = [&good](auto change) {
        fix_request request = good;
        change(request);
        return find_fault(request).value_or("");
    };
    EXPECT_NE(fault_of([](fix_request& one) { one.title.clear(); }).find("title"), std::string::npos);
    EXPECT_NE(fault_of([](fix_request& one) { one.title = "a\nb"; }).find("title"), std::string::npos);
    EXPECT_NE(fault_of([](fix_request& one) { one.base_branch = "a b"; }).find("base_branch"), std::string::npos);
    for (const char* branch : {"../x", "refs/heads/main", "HEAD", "x.lock", "x/", "/x", "-x", "a//b", "a/.b", "x."}) {
        EXPECT_NE(fault_of([branch](fix_request& one) { one.base_branch = branch; }).find("base_branch"),
                  std::string::npos)
            << branch;
    }
    EXPECT_EQ(fault_of([](fix_request& one) { one.base_branch = "release/2.4_x+1"; }), "");
    EXPECT_NE(fault_of([](fix_request& one) { one.files.clear(); }).find("at least one"), std::string::npos);
    EXPECT_NE(fault_of([](fix_request& one) { one.files.resize(6, {"a", "b"}); }).find("at most 5"), std::string::npos);
    EXPECT_NE(fault_of([](fix_request& one) { one.files.push_back({"a.ts", "y"}); }).find("twice"), std::string::npos);
    EXPECT_NE(fault_of([](fix_request& one) { one.files[0].path = "../a"; }).find("\"../a\""), std::string::npos);
    EXPECT_NE(
        fault_of([](fix_request& one) { one.files[0].content = std::string(lifecycle::change_bytes_max + 1, 'x'); })
            .find("bytes"),
        std::string::npos
    );
}

// ------------------------------------------------------------------ editing

class editing : public fix {
protected:
    edit_request edit_of(const model::approval& approval, const std::string& by = "edith")
    {
        edit_request request;
        request.approval_id = approval.id;
        request.title = "Ten orders at once";
        request.body = "As measured.";
        request.comment = "clearer";
        request.person = approver(by);
        request.expected_version = approval.version;
        return request;
    }
    result<model::approval> edit(const edit_request& request)
    {
        return db->write_blocking([&](store::transaction& tx) {
            return edit_approval(tx, request, policy.approval, time.now_ns(), &notices);
        });
    }
};

TEST_F(editing, voids_the_first_and_asks_for_exactly_the_new_text)
{
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    const auto before = approval_of(run);
    const auto after = edit(edit_of(before));

    ASSERT_TRUE(after) << after.error().message();
    EXPECT_EQ(after->state, approval_state::pending);
    EXPECT_EQ(after->edited_by, "user:edith");
    EXPECT_EQ(after->summary, "Open the draft pull request \"Ten orders at once\" at github:acme/checkout, 1 file");
    EXPECT_EQ(run_now(run).state, run_state::waiting_approval);
    EXPECT_EQ(decide(decision_on(before, "bo")).error(), lifecycle::errc::already_decided);
    EXPECT_EQ(audit_actions().back(), "approval.edit");
    release(*after);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(trackers.asked[0].title, "Ten orders at once");
    EXPECT_EQ(trackers.asked[0].body, "As measured.");
    EXPECT_EQ(trackers.asked[0].files.size(), 1U) << "the files are what they were";
}

TEST_F(editing, what_was_sent_back_is_edited_and_asked_again)
{
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    const auto sent_back = decide(decision_on(approval_of(run), "bo", model::decision_kind::request_changes));
    ASSERT_TRUE(sent_back);
    EXPECT_EQ(place(), "fixing/awaiting_approval");
    const auto after = edit(edit_of(sent_back->approval));
    ASSERT_TRUE(after) << after.error().message();
    release(*after);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(place(), "submitted/pr_open");
}

TEST_F(editing, its_last_editor_releases_no_critical_one)
{
    const std::string run = started(handed_in({{"Cargo.lock", "x"}}));
    work_until_run(run, run_state::waiting_approval);
    const auto after = edit(edit_of(approval_of(run), "bo"));
    ASSERT_TRUE(after);
    EXPECT_EQ(decide(decision_on(*after, "bo")).error(), lifecycle::errc::self_review);
    EXPECT_TRUE(decide(decision_on(*after, "cy")));
}

TEST_F(editing, is_for_the_latest_version_of_what_waits)
{
    const std::string run = started(handed_in());
    work_until_run(run, run_state::waiting_approval);
    const auto approval = approval_of(run);
    auto stale = edit_of(approval);
    stale.expected_version = approval.version + 1;
    EXPECT_EQ(edit(stale).error(), reprise::errc::stale);
    auto same = edit_of(approval);
    const auto effect = forge::parse_effect(approval.content);
    same.title = effect->title;
    same.body = effect->body;
    EXPECT_EQ(edit(same).error(), lifecycle::errc::unchanged);
    ASSERT_TRUE(edit(edit_of(approval)));
    EXPECT_EQ(edit(edit_of(approval)).error(), lifecycle::errc::already_decided);

    release(approval_of(run));
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(edit(edit_of(approval_of(run))).error(), lifecycle::errc::already_decided);
}

}  // namespace
}  // namespace reprise::runs
