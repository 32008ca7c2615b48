#include "store_fixture.hpp"

#include "reprise/store/approval_links.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/services.hpp"

#include <array>
#include <functional>

namespace reprise::store {
namespace {

using model::approval_state;

constexpr std::int64_t hour = 3600LL * 1'000'000'000;

class gate_test : public store_test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(write([](transaction& tx) { return add_run(tx, "i1", "r1"); }));
    }
    model::approval asked(std::string id, std::string action = "ticket")
    {
        model::approval approval;
        approval.id = std::move(id);
        approval.run_id = "r1";
        approval.incident_id = "i1";
        approval.action = std::move(action);
        approval.content = "{}";
        approval.content_hash = std::string(64, 'b');
        approval.requested_by = "pipeline";
        approval.generation = 1;
        approval.severity = model::severity::high;
        approval.created_ns = t0;
        approval.expires_ns = t0 + 10 * hour;
        return approval;
    }
    result<void> insert(const model::approval& approval)
    {
        return write([&](transaction& tx) { return insert_approval(tx, approval); });
    }
    template <class List>
    std::vector<std::string> ids(List list)
    {
        std::vector<std::string> found;
        for (const model::approval& one : read(std::move(list)).value())
            found.push_back(one.id);
        return found;
    }
    std::vector<std::string> moved()
    {
        return ids([](reader& from) { return list_moved_approvals(from, 10); });
    }
    void change_incident(const std::function<void(model::incident&)>& change)
    {
        auto work = [&](transaction& tx) -> result<void> {
            auto incident = *find_incident(tx, "i1").value();
            const std::int64_t version = incident.version;
            change(incident);
            return save_incident(tx, incident, version, opened_event());
        };
        ASSERT_TRUE(write(std::move(work)));
    }
};

TEST_F(gate_test, what_an_approval_was_asked_on_comes_back)
{
    auto approval = asked("a1", "pull_request");
    approval.evidence_sha256 = "e1";
    approval.reminded = 50;
    ASSERT_TRUE(insert(approval));
    const auto back = read([](reader& from) { return find_approval(from, "a1"); }).value().value();
    EXPECT_EQ(back.generation, 1);
    EXPECT_EQ(back.severity, model::severity::high);
    EXPECT_EQ(back.evidence_sha256, "e1");
    EXPECT_EQ(back.reminded, 50U);
}

TEST_F(gate_test, a_run_s_newest_approval_is_found_by_what_it_is_about)
{
    auto first = asked("a1", "unsafe_replay");
    first.state = approval_state::executed;
    ASSERT_TRUE(insert(first));
    ASSERT_TRUE(insert(asked("a2")));
    const auto find = [&](const std::string& action) {
        return read([&](reader& from) { return find_run_approval(from, "r1", action); }).value();
    };
    EXPECT_EQ(find("unsafe_replay")->id, "a1");
    EXPECT_EQ(find("ticket")->id, "a2");
    EXPECT_FALSE(find("pull_request"));
}

TEST_F(gate_test, reminders_are_due_at_half_and_nine_tenths_once_each)
{
    auto approval = asked("a1");
    ASSERT_TRUE(insert(approval));
    const auto due = [&](std::int64_t after) {
        return ids([&](reader& from) { return list_reminders_due(from, t0 + after, 10); }).size();
    };
    EXPECT_EQ(due(5 * hour - 1), 0U);
    EXPECT_EQ(due(5 * hour), 1U);
    approval.reminded = 50;
    ASSERT_TRUE(write([&](transaction& tx) { return save_approval(tx, approval, 1, t0); }));
    EXPECT_EQ(due(5 * hour), 0U);
    EXPECT_EQ(due(9 * hour), 1U);
    approval.reminded = 90;
    ASSERT_TRUE(write([&](transaction& tx) { return save_approval(tx, approval, 2, t0); }));
    EXPECT_EQ(due(9 * hour), 0U);
}

TEST_F(gate_test, pending_ones_whose_incident_moved_are_found)
{
    ASSERT_TRUE(insert(asked("a1")));
    EXPECT_TRUE(moved().empty());

    change_incident([](model::incident& incident) { incident.severity = model::severity::critical; });
    EXPECT_EQ(moved(), std::vector<std::string>{"a1"});
    change_incident([](model::incident& incident) { incident.severity = model::severity::low; });
    EXPECT_TRUE(moved().empty()) << "what got better is no reason";
    change_incident([](model::incident& incident) { incident.generation = 2; });
    EXPECT_EQ(moved(), std::vector<std::string>{"a1"});

    auto decided = asked("a1");
    decided.state = approval_state::rejected;
    ASSERT_TRUE(write([&](transaction& tx) { return save_approval(tx, decided, 1, t0); }));
    EXPECT_TRUE(moved().empty());
}

TEST_F(gate_test, pending_ones_whose_evidence_is_another_are_found)
{
    auto approval = asked("a1");
    approval.evidence_sha256 = "e1";
    ASSERT_TRUE(insert(approval));
    EXPECT_EQ(moved(), std::vector<std::string>{"a1"}) << "the run has no evidence any more";

    auto add = [](transaction& tx) -> result<void> {
        model::evidence evidence;
        evidence.id = "e";
        evidence.signal_id = "s";
        evidence.service = "checkout";
        evidence.fingerprint = "f";
        evidence.path = "evidence/e.tar.gz";
        evidence.sha256 = "e1";
        if (auto inserted = insert_evidence(tx, evidence); !inserted)
            return inserted;
        auto run = *find_run(tx, "r1").value();
        run.evidence_id = "e";
        auto other = run;
        other.id = "r2";
        if (auto queued = enqueue_run(tx, other); !queued)
            return queued;
        return {};
    };
    ASSERT_TRUE(write(std::move(add)));
    approval.id = "a2";
    approval.run_id = "r2";
    ASSERT_TRUE(insert(approval));
    EXPECT_EQ(moved(), std::vector<std::string>{"a1"}) << "that of r2 is the one that was seen";
}

TEST_F(gate_test, changes_nobody_made_are_found_while_their_run_waits)
{
    auto approval = asked("a1");
    approval.state = approval_state::changes_requested;
    ASSERT_TRUE(insert(approval));
    const auto abandoned = [&](std::int64_t after) {
        return ids([&](reader& from) { return list_abandoned_changes(from, t0 + after, 10); });
    };
    EXPECT_TRUE(abandoned(11 * hour).empty()) << "its run does not wait";
    auto wait = [](transaction& tx) -> result<void> {
        auto run = *find_run(tx, "r1").value();
        run.state = model::run_state::waiting_approval;
        return save_run_by_version(tx, run, run.version);
    };
    ASSERT_TRUE(write(std::move(wait)));
    EXPECT_TRUE(abandoned(10 * hour - 1).empty());
    EXPECT_EQ(abandoned(10 * hour), std::vector<std::string>{"a1"});

    ASSERT_TRUE(insert(asked("a2")));
    EXPECT_TRUE(abandoned(10 * hour).empty()) << "somebody edited it";
}

TEST_F(gate_test, approvals_are_counted_by_state)
{
    ASSERT_TRUE(insert(asked("a1")));
    auto second = asked("a2");
    second.state = approval_state::executed;
    ASSERT_TRUE(insert(second));
    const auto counts = read([](reader& from) { return count_approvals(from); }).value();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].count + counts[1].count, 2U);
    EXPECT_EQ(read([](reader& from) { return find_oldest_pending_ns(from); }).value(), t0);
}

TEST_F(gate_test, a_link_is_used_once)
{
    auto add = [&](transaction& tx) -> result<void> {
        model::person person;
        person.id = "p1";
        person.name = "ada";
        person.roles.approver = true;
        if (auto inserted = insert_person(tx, person); !inserted)
            return inserted;
        return insert_approval(tx, asked("a1"));
    };
    ASSERT_TRUE(write(std::move(add)));
    const approval_link link{"l1", "a1", "hash", "p1", "user:bo", t0, t0 + hour, std::nullopt};
    ASSERT_TRUE(write([&](transaction& tx) { return insert_approval_link(tx, link); }));
    EXPECT_EQ(read([](reader& from) { return find_approval_link(from, "l1"); }).value()->person_id, "p1");
    EXPECT_FALSE(read([](reader& from) { return find_approval_link(from, "l2"); }).value());

    ASSERT_TRUE(write([](transaction& tx) { return use_approval_link(tx, "l1", t0 + 5); }));
    EXPECT_EQ(write([](transaction& tx) { return use_approval_link(tx, "l1", t0 + 6); }).error(),
              reprise::errc::stale);
    EXPECT_EQ(read([](reader& from) { return find_approval_link(from, "l1"); }).value()->used_ns, t0 + 5);
}

TEST_F(gate_test, links_of_one_approval_are_limited)
{
    auto add = [&](transaction& tx) -> result<void> {
        model::person person;
        person.id = "p1";
        person.name = "ada";
        person.roles.approver = true;
        if (auto inserted = insert_person(tx, person); !inserted)
            return inserted;
        if (auto inserted = insert_approval(tx, asked("a1")); !inserted)
            return inserted;
        for (std::uint64_t i = 0; i < approval_links_max; ++i) {
            const approval_link link{"l" + std::to_string(i), "a1", "h", "p1", "system", t0, t0, std::nullopt};
            if (auto inserted = insert_approval_link(tx, link); !inserted)
                return inserted;
        }
        return {};
    };
    ASSERT_TRUE(write(std::move(add)));
    const approval_link more{"more", "a1", "h", "p1", "system", t0, t0, std::nullopt};
    EXPECT_EQ(write([&](transaction& tx) { return insert_approval_link(tx, more); }).error(),
              reprise::errc::too_large);
}

class effects_test : public gate_test {
protected:
    publication wanted(const std::string& content = "{}")
    {
        publication one;
        one.id = "u1";
        one.idempotency_key = "i1-g1";
        one.run_id = "r1";
        one.incident_id = "i1";
        one.kind = "ticket";
        one.target = "github:acme/radar";
        one.title = "It fails";
        one.content = content;
        one.due_ns = t0;
        one.created_ns = t0;
        return one;
    }
    publication stored()
    {
        return read([](reader& from) { return find_publication(from, "u1"); }).value().value();
    }
    std::optional<publication> claim(std::int64_t now_ns)
    {
        return write([now_ns](transaction& tx) { return claim_publication(tx, "u1", now_ns, 10); }).value();
    }
};

TEST_F(effects_test, an_outcome_nobody_knows_is_visible_and_looked_for_again)
{
    ASSERT_TRUE(write([&](transaction& tx) { return insert_publication(tx, wanted()); }));
    ASSERT_TRUE(claim(t0));
    const auto unclear = [](transaction& tx) { return mark_unknown(tx, "u1", 1, "no answer", t0 + 50, t0 + 1); };
    ASSERT_TRUE(write(unclear));
    EXPECT_EQ(stored().state, publication_state::outcome_unknown);
    EXPECT_EQ(stored().error, "no answer");
    EXPECT_FALSE(claim(t0 + 49));
    EXPECT_EQ(claim(t0 + 50)->attempts, 2U);

    const auto done = [](transaction& tx) { return mark_published(tx, "u1", 2, "https://x/1", t0 + 51); };
    ASSERT_TRUE(write(done));
    EXPECT_EQ(stored().state, publication_state::published);
    EXPECT_EQ(stored().error, "");
}

TEST_F(effects_test, an_outcome_that_stays_unknown_is_not_tried_by_itself)
{
    ASSERT_TRUE(write([&](transaction& tx) { return insert_publication(tx, wanted()); }));
    ASSERT_TRUE(claim(t0));
    const auto given_up = [](transaction& tx) { return mark_unknown(tx, "u1", 1, "no answer", std::nullopt, t0); };
    ASSERT_TRUE(write(given_up));
    EXPECT_FALSE(claim(t0 + 1'000'000 * hour));
    EXPECT_EQ(stored().state, publication_state::outcome_unknown);
}

TEST_F(effects_test, what_was_given_up_is_asked_for_again_under_the_same_key)
{
    ASSERT_TRUE(write([&](transaction& tx) { return insert_publication(tx, wanted()); }));
    ASSERT_TRUE(claim(t0));
    ASSERT_TRUE(write([](transaction& tx) { return mark_failed(tx, "u1", 1, "401", std::nullopt, t0); }));

    auto again = wanted(R"({"second":true})");
    again.id = "u2";
    again.due_ns = t0 + 100;
    const auto revived = write([&](transaction& tx) { return revive_publication(tx, again); }).value();
    EXPECT_EQ(revived.id, "u1") << "one row per key";
    EXPECT_EQ(revived.state, publication_state::pending);
    EXPECT_EQ(revived.content, R"({"second":true})");
    EXPECT_EQ(revived.error, "");
    EXPECT_EQ(claim(t0 + 100)->attempts, 2U);
}

TEST_F(effects_test, what_is_unclear_stays_unclear_when_asked_for_again_and_what_is_there_stays)
{
    ASSERT_TRUE(write([&](transaction& tx) { return insert_publication(tx, wanted()); }));
    ASSERT_TRUE(claim(t0));
    ASSERT_TRUE(write([](transaction& tx) { return mark_unknown(tx, "u1", 1, "?", std::nullopt, t0); }));
    const auto revived = write([&](transaction& tx) { return revive_publication(tx, wanted()); }).value();
    EXPECT_EQ(revived.state, publication_state::outcome_unknown);
    ASSERT_TRUE(claim(t0));
    ASSERT_TRUE(write([](transaction& tx) { return mark_published(tx, "u1", 2, "https://x/1", t0); }));
    EXPECT_EQ(write([&](transaction& tx) { return revive_publication(tx, wanted()); }).error(),
              reprise::errc::stale);
}

TEST_F(store_test, a_service_says_where_its_tickets_and_pull_requests_go)
{
    auto touch = [](transaction& tx) {
        const std::array seen = {service_sight{"checkout", t0, 1}};
        return touch_services(tx, seen, t0);
    };
    ASSERT_TRUE(write(std::move(touch)));
    auto service = read([](reader& from) { return find_service(from, "checkout"); }).value().value();
    EXPECT_EQ(service.tracker, "file:tickets");
    EXPECT_EQ(service.repository, "");

    service.tracker = "jira:OPS";
    service.repository = "github:acme/checkout";
    ASSERT_TRUE(write([&](transaction& tx) { return save_service_settings(tx, service, 1, t0); }));
    const auto back = read([](reader& from) { return find_service(from, "checkout"); }).value().value();
    EXPECT_EQ(back.tracker, "jira:OPS");
    EXPECT_EQ(back.repository, "github:acme/checkout");
}

}  // namespace
}  // namespace reprise::store
