#include "store_fixture.hpp"

#include "reprise/store/approvals.hpp"
#include "reprise/store/events.hpp"
#include "reprise/store/publications.hpp"

namespace reprise::store {
namespace {

model::approval approval_of(std::string id, std::string run = "r1")
{
    model::approval approval;
    approval.id = std::move(id);
    approval.run_id = std::move(run);
    approval.incident_id = "i1";
    approval.action = "ticket";
    approval.summary = "Write a ticket";
    approval.content = R"({"action":"ticket"})";
    approval.content_hash = std::string(64, 'b');
    approval.risk = model::risk::critical;
    approval.risk_reasons = {"severity critical", "not reproduced"};
    approval.approvals_needed = 2;
    approval.requested_by = "pipeline";
    approval.created_ns = t0;
    approval.expires_ns = t0 + 100;
    return approval;
}

publication publication_of(std::string id, std::string key)
{
    publication wanted;
    wanted.id = std::move(id);
    wanted.idempotency_key = std::move(key);
    wanted.run_id = "r1";
    wanted.incident_id = "i1";
    wanted.kind = "ticket";
    wanted.target = "file";
    wanted.title = "POST /orders fails";
    wanted.content = "{}";
    wanted.due_ns = t0;
    wanted.created_ns = t0;
    return wanted;
}

class decisions_test : public store_test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(write([](transaction& tx) { return add_run(tx, "i1", "r1"); }));
    }
    result<void> insert(const model::approval& approval)
    {
        return write([&](transaction& tx) { return insert_approval(tx, approval); });
    }
    result<std::int64_t> decide(const std::string& user, model::decision_kind kind)
    {
        model::decision decision;
        decision.approval_id = "a1";
        decision.user = user;
        decision.kind = kind;
        decision.comment = "because";
        decision.at_ns = t0 + 1;
        return write([&](transaction& tx) { return add_decision(tx, decision); });
    }
    result<publication> ask(const publication& wanted)
    {
        return write([&](transaction& tx) { return insert_publication(tx, wanted); });
    }
    std::optional<publication> claim(std::int64_t now_ns)
    {
        return write([&](transaction& tx) { return claim_publication(tx, now_ns, 10); }).value();
    }
    publication stored(const std::string& id)
    {
        return read([&](reader& r) { return find_publication(r, id); }).value().value();
    }
};

TEST_F(decisions_test, an_approval_comes_back_as_it_was_put_in)
{
    ASSERT_TRUE(insert(approval_of("a1")));
    const auto back = read([](reader& r) { return find_approval(r, "a1"); }).value().value();
    EXPECT_EQ(back.content, R"({"action":"ticket"})");
    EXPECT_EQ(back.content_hash, std::string(64, 'b'));
    EXPECT_EQ(back.risk, model::risk::critical);
    EXPECT_EQ(back.risk_reasons, approval_of("a1").risk_reasons);
    EXPECT_EQ(back.approvals_needed, 2U);
    EXPECT_EQ(back.state, model::approval_state::pending);
    EXPECT_FALSE(back.decided_ns);
}

TEST_F(decisions_test, a_run_has_one_pending_approval)
{
    ASSERT_TRUE(insert(approval_of("a1")));
    EXPECT_EQ(insert(approval_of("a2")).error(), reprise::errc::conflict);

    auto first = approval_of("a1");
    first.state = model::approval_state::voided;
    ASSERT_TRUE(write([&](transaction& tx) { return save_approval(tx, first, 1, t0); }));
    ASSERT_TRUE(insert(approval_of("a2")));

    EXPECT_EQ(read([](reader& r) { return find_approval_by_run(r, "r1"); }).value()->id, "a2");
    EXPECT_EQ(read([](reader& r) { return find_approval_by_incident(r, "i1"); }).value()->id, "a2");
    approval_filter filter;
    EXPECT_EQ(read([&](reader& r) { return list_approvals(r, filter); }).value().size(), 2U);
    filter.state = model::approval_state::pending;
    EXPECT_EQ(read([&](reader& r) { return list_approvals(r, filter); }).value().size(), 1U);
    filter.after = "a2";
    EXPECT_TRUE(read([&](reader& r) { return list_approvals(r, filter); }).value().empty());
}

TEST_F(decisions_test, a_person_decides_once_and_the_version_grows)
{
    auto approval = approval_of("a1");
    ASSERT_TRUE(insert(approval));
    EXPECT_EQ(decide("ada", model::decision_kind::approve).value(), 2);
    EXPECT_EQ(decide("ada", model::decision_kind::reject).error(), reprise::errc::conflict);
    EXPECT_EQ(decide("bob", model::decision_kind::approve).value(), 3);
    EXPECT_EQ(decide("eve", model::decision_kind::reject).value(), 4);

    EXPECT_EQ(read([](reader& r) { return count_approvals_given(r, "a1"); }).value(), 2U);
    const auto decisions = read([](reader& r) { return list_decisions(r, "a1"); }).value();
    ASSERT_EQ(decisions.size(), 3U);
    EXPECT_EQ(decisions[0].user, "ada");
    EXPECT_EQ(decisions[0].comment, "because");
    EXPECT_EQ(write([&](transaction& tx) { return save_approval(tx, approval, 1, t0); }).error(),
              reprise::errc::stale);
    approval.id = "nobody";
    EXPECT_EQ(write([&](transaction& tx) { return save_approval(tx, approval, 1, t0); }).error(),
              reprise::errc::not_found);
    const auto live = read([](reader& r) { return list_events(r, 0, 100); }).value();
    EXPECT_EQ(live.back().topic, "approvals");
    EXPECT_EQ(live.back().rev, 4);
}

TEST_F(decisions_test, a_decision_on_nothing_is_refused)
{
    EXPECT_EQ(decide("ada", model::decision_kind::approve).error(), reprise::errc::invalid_argument);
}

TEST_F(decisions_test, time_finds_the_expired_and_the_lapsed)
{
    auto approval = approval_of("a1");
    ASSERT_TRUE(insert(approval));
    const auto expired = [&](std::int64_t now) {
        return read([&](reader& r) { return list_expired_approvals(r, now, 10); }).value().size();
    };
    const auto lapsed = [&](std::int64_t before) {
        return read([&](reader& r) { return list_lapsed_approvals(r, before, 10); }).value().size();
    };
    EXPECT_EQ(expired(t0 + 99), 0U);
    EXPECT_EQ(expired(t0 + 100), 1U);

    approval.state = model::approval_state::approved;
    approval.decided_ns = t0 + 50;
    ASSERT_TRUE(write([&](transaction& tx) { return save_approval(tx, approval, 1, t0 + 50); }));
    EXPECT_EQ(expired(t0 + 100), 0U);
    EXPECT_EQ(lapsed(t0 + 50), 0U);
    EXPECT_EQ(lapsed(t0 + 51), 1U);
}

TEST_F(decisions_test, a_rejection_is_completed_by_a_later_approval)
{
    preference record{"q1", "i1", "r1", "a1", R"({"why":"wrong service"})", "", t0, {}};
    ASSERT_TRUE(write([&](transaction& tx) { return insert_preference(tx, record); }));
    const auto complete = [](transaction& tx) { return complete_preferences(tx, "i1", R"({"ok":1})", t0 + 5); };
    EXPECT_EQ(write(complete).value(), 1U);
    EXPECT_EQ(write(complete).value(), 0U);

    const auto records = read([](reader& r) { return list_preferences(r, "", 10); }).value();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].rejected, record.rejected);
    EXPECT_EQ(records[0].chosen, R"({"ok":1})");
    EXPECT_EQ(records[0].completed_ns, t0 + 5);
}

TEST_F(decisions_test, an_effect_is_asked_for_once)
{
    const auto first = ask(publication_of("u1", "key")).value();
    const std::int64_t told = db->last_seq();
    const auto again = ask(publication_of("u2", "key")).value();

    EXPECT_EQ(first.id, "u1");
    EXPECT_EQ(again.id, "u1") << "the one that was there";
    EXPECT_EQ(db->last_seq(), told);
    EXPECT_EQ(read([](reader& r) { return list_publications(r, "", 10); }).value().size(), 1U);
}

TEST_F(decisions_test, a_claimed_effect_is_hidden_until_its_lease_ends)
{
    ASSERT_TRUE(ask(publication_of("u1", "key")));
    EXPECT_FALSE(claim(t0 - 1));
    EXPECT_EQ(claim(t0)->attempts, 1U);
    EXPECT_FALSE(claim(t0 + 9));
    EXPECT_EQ(claim(t0 + 10)->attempts, 2U);

    const auto late = [](transaction& tx) { return mark_published(tx, "u1", 1, "tickets/1.md", t0 + 11); };
    EXPECT_EQ(write(late).error(), reprise::errc::stale);
    const auto good = [](transaction& tx) { return mark_published(tx, "u1", 2, "tickets/1.md", t0 + 11); };
    ASSERT_TRUE(write(good));
    EXPECT_EQ(write(good).error(), reprise::errc::stale);
    EXPECT_FALSE(claim(t0 + 1000));
    EXPECT_EQ(stored("u1").state, publication_state::published);
    EXPECT_EQ(stored("u1").url, "tickets/1.md");
    EXPECT_EQ(stored("u1").published_ns, t0 + 11);
}

TEST_F(decisions_test, a_failed_effect_is_tried_again_or_given_up)
{
    ASSERT_TRUE(ask(publication_of("u1", "key")));
    const auto by_id = [](transaction& tx) { return claim_publication(tx, "u1", t0, 10); };
    ASSERT_TRUE(write(by_id).value());
    EXPECT_FALSE(write(by_id).value()) << "not due";
    const auto again = [](transaction& tx) { return mark_failed(tx, "u1", 1, "disk full", t0 + 50, t0 + 1); };
    ASSERT_TRUE(write(again));
    EXPECT_EQ(stored("u1").error, "disk full");
    EXPECT_FALSE(claim(t0 + 49));
    ASSERT_TRUE(claim(t0 + 50));
    const auto never = [](transaction& tx) { return mark_failed(tx, "u1", 2, "gone", std::nullopt, t0 + 51); };
    ASSERT_TRUE(write(never));

    EXPECT_EQ(stored("u1").state, publication_state::failed);
    EXPECT_FALSE(claim(t0 + 1000));
    EXPECT_EQ(read([](reader& r) { return list_run_publications(r, "r1", 10); }).value().size(), 1U);
    EXPECT_EQ(read([](reader& r) { return list_incident_publications(r, "i1", 10); }).value().size(), 1U);
    EXPECT_TRUE(read([](reader& r) { return list_publications(r, "u1", 10); }).value().empty());
}

}  // namespace
}  // namespace reprise::store
