#include "gate_world.hpp"

#include "reprise/forge/released.hpp"
#include "reprise/runs/actions.hpp"

namespace reprise::runs {
namespace {

using model::run_state;
using store::publication_state;
using test::failure_kind;

class publishing : public test::gate_world {
protected:
    void SetUp() override
    {
        open_incident();
        run = waiting_run();
    }
    store::publication only_publication()
    {
        const auto all = publications();
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }
    void cancel(const std::string& id)
    {
        run_request request;
        request.run_id = id;
        request.actor = "user:ada";
        request.comment = "not now";
        write([&](store::transaction& tx) { return act_on_run(tx, request, time.now_ns()); });
    }
    std::string run;
};

TEST_F(publishing, writes_where_the_service_s_tickets_go)
{
    stop();
    set_service([](model::service& service) { service.tracker = "jira:OPS"; });
    const std::string second = queue(model::run_kind::publish);
    work_until_run(second, run_state::waiting_approval);
    EXPECT_EQ(approval_of(second).summary, "Write the ticket \"POST /orders fails 28 of 193 times\" to jira:OPS");
    release(approval_of(second));
    work_until_run(second, run_state::succeeded);

    ASSERT_EQ(trackers.asked.size(), 1U);
    EXPECT_EQ(trackers.asked[0].target, "jira:OPS");
    EXPECT_EQ(trackers.asked[0].key, incident_id + "-g1");
    EXPECT_EQ(only_publication().target, "jira:OPS");
}

TEST_F(publishing, says_where_it_is_and_audits_it_once)
{
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);

    const auto row = only_publication();
    EXPECT_EQ(row.state, publication_state::published);
    EXPECT_EQ(row.url, "https://tracker.test/1");
    EXPECT_EQ(row.kind, "ticket");
    EXPECT_EQ(place(), "submitted/ticket_open");
    const auto actions = audit_actions();
    EXPECT_EQ(std::count(actions.begin(), actions.end(), "publication.ticket"), 1);
}

TEST_F(publishing, what_was_refused_waits_for_a_person_with_the_reason)
{
    trackers.fail(failure_kind::refused, "401 from the tracker: the token is not valid");
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(only_publication().state, publication_state::failed);
    EXPECT_EQ(only_publication().error, "401 from the tracker: the token is not valid");
    EXPECT_EQ(place(), "needs_human(publish_failed)");
    EXPECT_NE(run_now(run).error.find("401 from the tracker"), std::string::npos);
    EXPECT_EQ(notices.all.back().kind, notice_kind::publication_failed);
    EXPECT_EQ(trackers.asked.size(), 1U) << "another try cannot help";
}

TEST_F(publishing, after_a_refusal_publish_anyway_uses_the_same_key_and_row)
{
    trackers.fail(failure_kind::refused, "403");
    release(approval_of(run));
    work_until_run(run, run_state::succeeded);
    const auto first = only_publication();

    const std::string second = waiting_run();
    release(approval_of(second));
    work_until_run(second, run_state::succeeded);

    EXPECT_EQ(only_publication().id, first.id);
    EXPECT_EQ(only_publication().state, publication_state::published);
    EXPECT_EQ(only_publication().run_id, second);
    EXPECT_EQ(trackers.asked[0].key, trackers.asked[1].key);
    EXPECT_EQ(place(), "submitted/ticket_open");
}

TEST_F(publishing, what_must_wait_is_tried_again_not_before_the_tracker_allows)
{
    trackers.fail(failure_kind::later, "rate limit", std::chrono::seconds(1800));
    release(approval_of(run));
    work_one_attempt(run);

    EXPECT_EQ(run_now(run).state, run_state::queued);
    EXPECT_EQ(run_now(run).not_before_ns, time.now_ns() + 1800 * ns_per_s);
    EXPECT_EQ(only_publication().state, publication_state::pending);
    EXPECT_EQ(only_publication().error, "rate limit");
    time.advance_ns(1800 * ns_per_s);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(only_publication().state, publication_state::published);
    EXPECT_EQ(trackers.asked.size(), 2U);
}

TEST_F(publishing, without_a_wish_the_delay_doubles_until_no_attempt_is_left)
{
    for (int i = 0; i < 4; ++i)
        trackers.fail(failure_kind::later, "no connection");
    release(approval_of(run));
    for (const std::int64_t wait_s : {60, 120, 240}) {
        work_one_attempt(run);
        EXPECT_EQ(run_now(run).not_before_ns, time.now_ns() + wait_s * ns_per_s);
        time.advance_ns(wait_s * ns_per_s);
    }
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(trackers.asked.size(), 4U);
    EXPECT_EQ(only_publication().state, publication_state::failed);
    EXPECT_EQ(place(), "needs_human(publish_failed)");
}

TEST_F(publishing, what_was_asked_for_when_its_run_is_cancelled_is_left_as_unknown)
{
    trackers.fail(failure_kind::unknown, "sent, and no answer within 20 s");
    release(approval_of(run));
    work_one_attempt(run);

    cancel(run);

    EXPECT_EQ(only_publication().state, publication_state::outcome_unknown);
    EXPECT_EQ(only_publication().due_ns, store::publication_never_ns) << "nobody looks again by itself";
    EXPECT_NE(only_publication().error.find("publish again"), std::string::npos);

    const std::string second = waiting_run();
    release(approval_of(second));
    work_until_run(second, run_state::succeeded);
    EXPECT_EQ(only_publication().state, publication_state::published);
    EXPECT_EQ(trackers.asked[0].key, trackers.asked[1].key);
}

TEST_F(publishing, an_unknown_outcome_is_visible_until_the_next_look_finds_it)
{
    trackers.fail(failure_kind::unknown, "sent, and no answer within 20 s");
    release(approval_of(run));
    work_one_attempt(run);
    EXPECT_EQ(only_publication().state, publication_state::outcome_unknown);
    EXPECT_NE(place(), "submitted/ticket_open");

    trackers.adopts = true;
    time.advance_ns(test::minute_ns);
    work_until_run(run, run_state::succeeded);
    EXPECT_EQ(only_publication().state, publication_state::published);
    EXPECT_EQ(trackers.asked[0].key, trackers.asked[1].key);
    const auto rows = read([](store::reader& from) { return store::list_audit(from, 0, 100); });
    EXPECT_NE(rows.back().entry.detail.find("\"adopted\":true"), std::string::npos);
}

TEST_F(publishing, an_outcome_that_stays_unknown_is_left_so_and_told)
{
    for (int i = 0; i < 4; ++i)
        trackers.fail(failure_kind::unknown, "no answer");
    release(approval_of(run));
    for (int i = 0; i < 3; ++i) {
        work_one_attempt(run);
        time.advance_ns(test::hour_ns / 2);
    }
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(only_publication().state, publication_state::outcome_unknown);
    EXPECT_EQ(place(), "needs_human(publish_failed)");
    EXPECT_EQ(notices.all.back().state, "outcome_unknown");

    const std::string second = waiting_run();
    release(approval_of(second));
    work_until_run(second, run_state::succeeded);
    EXPECT_EQ(only_publication().state, publication_state::published);
}

TEST_F(publishing, a_worker_that_died_after_the_effect_leaves_one_row_and_one_key)
{
    stop();
    release(approval_of(run));
    // The effect happened, and nothing of it was stored but the claim.
    write([&](store::transaction& tx) -> result<void> {
        auto leased = store::claim_run(tx, "dead", time.now_ns(), 30 * ns_per_s);
        if (!leased)
            return leased.error();
        auto approval = *store::find_approval_by_run(tx, run).value();
        auto executed = lifecycle::execute(approval, approval.content, time.now_ns()).value();
        if (auto saved = store::save_approval(tx, executed, approval.version, time.now_ns()); !saved)
            return saved;
        store::publication row;
        row.id = make_ulid(time.now_ns());
        row.idempotency_key = forge::ticket_key(incident_id, 1);
        row.run_id = run;
        row.incident_id = incident_id;
        row.kind = "ticket";
        row.target = "file:tickets";
        row.title = "t";
        row.content = approval.content;
        row.due_ns = row.created_ns = time.now_ns();
        const auto put = store::insert_publication(tx, row);
        if (!put)
            return put.error();
        const auto claimed = store::claim_publication(tx, put->id, time.now_ns(), 150 * ns_per_s);
        return claimed ? result<void>() : result<void>(claimed.error());
    });
    trackers.adopts = true;
    time.advance_ns(31 * ns_per_s);
    work_one_attempt(run);
    EXPECT_TRUE(trackers.asked.empty()) << "the dead worker may still be at it";
    time.advance_ns(150 * ns_per_s);
    work_until_run(run, run_state::succeeded);

    EXPECT_EQ(trackers.asked.size(), 1U);
    EXPECT_EQ(only_publication().state, publication_state::published);
    EXPECT_EQ(place(), "submitted/ticket_open");
}

}  // namespace
}  // namespace reprise::runs
