#include "delivery_fixture.hpp"

#include "reprise/runs/queued_reminders.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/publications.hpp"
#include "reprise/store/slack.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace reprise::runs {
namespace {

using store::delivery_state;

// Slack is a local server of the tests that speaks the wire shapes of its Web API.
class slack_notices_test : public delivery_fixture {
protected:
    void SetUp() override
    {
        delivery_fixture::SetUp();
        forge::slack_config config;
        config.api_url = net::parse_url(receiver.url() + "/api").value();
        config.token = "xoxb-1";
        config.channel = "C0123456789";
        slack = std::make_unique<forge::slack_api>(config, numbers);
        write([](store::transaction& tx) {
            return store::set_slack_endpoint(tx, "C0123456789", model::severity::critical, {}, t0);
        });
        write([](store::transaction& tx) { return store::add_run(tx, "i1", "r1"); });
        receiver.answer_with(200, R"({"ok":true,"channel":"C0123456789","ts":"1700000000.000100"})");
        start();
    }

    void ask(model::risk risk = model::risk::high)
    {
        approval.id = "01JD6Z0000000000000000000E";
        approval.run_id = "r1";
        approval.incident_id = "i1";
        approval.action = "ticket";
        approval.summary = "Write a ticket";
        approval.content = "{}";
        approval.content_hash = std::string(64, 'b');
        approval.risk = risk;
        approval.created_ns = t0;
        approval.expires_ns = t0 + 3600 * ns_per_s;
        write([&](store::transaction& tx) { return store::insert_approval(tx, approval); });
    }
    void decide(model::approval_state to)
    {
        write([&](store::transaction& tx) -> result<void> {
            model::decision decision;
            decision.approval_id = approval.id;
            decision.user = "ada";
            decision.at_ns = time.now_ns();
            const auto version = store::add_decision(tx, decision);
            if (!version)
                return version.error();
            approval.state = to;
            return store::save_approval(tx, approval, *version, time.now_ns());
        });
    }
    void remind(int percent)
    {
        notice told;
        told.kind = notice_kind::approval_reminder;
        told.approval_id = approval.id;
        told.percent = static_cast<std::uint32_t>(percent);
        told.at_ns = time.now_ns();
        write([&](store::transaction& tx) { return queued_reminders().take(tx, told); });
    }
    std::size_t next_pass()
    {
        time.advance_ns(2 * ns_per_s);
        return pass();
    }
    store::delivery last() { return deliveries("slack").back(); }
    json::value last_body() const { return json::parse(receiver.last().body); }
    std::size_t calls_of(const std::string& method) const
    {
        const auto all = receiver.requests();
        const std::string path = "/api/" + method;
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [&path](const auto& one) { return one.path == path; })
        );
    }

    model::approval approval;
};

TEST_F(slack_notices_test, an_approval_is_written_once_and_changed_when_it_is_decided)
{
    ask();
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(receiver.last().path, "/api/chat.postMessage");
    EXPECT_EQ(last_body().at("channel").as_string(), "C0123456789");
    EXPECT_NE(receiver.last().body.find("reprise_approve"), std::string::npos);
    EXPECT_EQ(last().state, delivery_state::delivered) << last().error;

    decide(model::approval_state::approved);
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(receiver.last().path, "/api/chat.update");
    EXPECT_EQ(last_body().at("ts").as_string(), "1700000000.000100");
    EXPECT_EQ(receiver.last().body.find("reprise_approve"), std::string::npos) << "no buttons any more";
    EXPECT_NE(receiver.last().body.find("By ada"), std::string::npos);

    const std::string opened = deliveries("slack").front().id;
    write([&](store::transaction& tx) { return store::replay_delivery(tx, opened, time.now_ns()); });
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(calls_of("chat.postMessage"), 1U) << "a replay changes the message and writes no second one";
}

TEST_F(slack_notices_test, a_test_is_a_message_of_its_own_each_time)
{
    for (int i = 0; i < 2; ++i) {
        write([&](store::transaction& tx) -> result<void> {
            const std::string slack_id(store::slack_endpoint_id);
            const auto id = store::enqueue_test(tx, {slack_id, "user:ada", 0, time.now_ns()});
            return id ? result<void>() : result<void>(id.error());
        });
        EXPECT_EQ(next_pass(), 1U);
        EXPECT_EQ(last().state, delivery_state::delivered) << last().error;
        EXPECT_NE(receiver.last().body.find("asked for by user:ada"), std::string::npos);
    }
    EXPECT_EQ(calls_of("chat.postMessage"), 2U);
}

TEST_F(slack_notices_test, a_late_notice_says_what_is_true_now)
{
    ask();
    decide(model::approval_state::rejected);
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_NE(receiver.last().body.find("Rejected"), std::string::npos);
    EXPECT_EQ(receiver.last().body.find("reprise_approve"), std::string::npos);
}

TEST_F(slack_notices_test, a_decision_whose_message_was_never_written_writes_none)
{
    receiver.answer_with(200, R"({"ok":false,"error":"channel_not_found"})");
    ask();
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::failed) << "another try cannot help";
    EXPECT_NE(last().error.find("invite"), std::string::npos);
    EXPECT_NE(endpoint("slack").last_error.find("channel_not_found"), std::string::npos);
    decide(model::approval_state::approved);
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::delivered);
    EXPECT_EQ(calls_of("chat.update"), 0U);
}

TEST_F(slack_notices_test, when_nobody_knows_whether_it_was_written_it_looks_first)
{
    const std::string known = R"({"ok":true,"messages":[{"ts":"1.1"},{"ts":"1700000000.000200","metadata":)"
                              R"({"event_type":"reprise_notice","event_payload":{"key":)"
                              R"("approval/01JD6Z0000000000000000000E"}}}]})";
    receiver.answer_with(
        {net::response(500, "text/plain", std::string("oops")), net::response(200, "application/json", known)}
    );
    ask();
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::pending);
    time.set_ns(last().due_ns);
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::delivered) << last().error;
    EXPECT_EQ(calls_of("chat.postMessage"), 1U);
    EXPECT_EQ(calls_of("conversations.history"), 1U);
    const auto kept = read([](store::reader& r) {
        return store::find_slack_message(r, "approval/01JD6Z0000000000000000000E");
    });
    EXPECT_EQ(kept->ts, "1700000000.000200");
}

TEST_F(slack_notices_test, what_is_not_found_or_may_not_be_looked_for_is_written)
{
    const std::string posted = R"({"ok":true,"channel":"C0123456789","ts":"1.2"})";
    int incidents = 0;
    for (const std::string history : {R"({"ok":true,"messages":[],"response_metadata":{"next_cursor":""}})",
                                      R"({"ok":false,"error":"missing_scope","needed":"channels:history"})"}) {
        receiver.answer_with(
            {net::response(500, "text/plain", std::string("oops")), net::response(200, "application/json", history),
             net::response(200, "application/json", posted)}
        );
        auto worst = store::incident_of("worst-" + std::to_string(++incidents));
        worst.severity = model::severity::critical;
        worst.opened_ns = time.now_ns();  // last() is the newest.
        worst.updated_ns = time.now_ns();
        auto opened = store::opened_event();
        opened.at_ns = time.now_ns();
        write([&](store::transaction& tx) { return store::insert_incident(tx, worst, opened); });
        EXPECT_EQ(next_pass(), 1U);
        time.set_ns(last().due_ns + ns_per_s);
        EXPECT_EQ(pass(), 1U);
        EXPECT_EQ(receiver.last().path, "/api/chat.postMessage");
        EXPECT_EQ(last().state, delivery_state::delivered) << last().error;
    }
}

TEST_F(slack_notices_test, a_rate_limit_is_waited_for_and_costs_no_step_of_the_ladder)
{
    receiver.answer_with(429, "", {{"Retry-After", "30"}});
    ask();
    const std::int64_t begun_ns = time.now_ns() + 2 * ns_per_s;
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::pending);
    EXPECT_EQ(last().rung, 0U);
    EXPECT_EQ(last().due_ns, begun_ns + 30 * ns_per_s);
    EXPECT_FALSE(endpoint("slack").failing_since_ns) << "no failure";
    receiver.answer_with(200, R"({"ok":true,"channel":"C0123456789","ts":"1.2"})");
    time.advance_ns(29 * ns_per_s);
    EXPECT_EQ(pass(), 0U);
    time.advance_ns(ns_per_s);
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(last().state, delivery_state::delivered);
}

TEST_F(slack_notices_test, a_reminder_answers_to_its_message_and_is_not_sent_too_late)
{
    ask();
    next_pass();
    remind(50);
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_EQ(last_body().at("thread_ts").as_string(), "1700000000.000100");
    EXPECT_TRUE(last_body().at("reply_broadcast").as_bool());
    EXPECT_NE(receiver.last().body.find("Still waiting"), std::string::npos);

    const std::size_t before = receiver.requests().size();
    decide(model::approval_state::approved);
    remind(90);
    next_pass();
    next_pass();
    EXPECT_EQ(last().snippet, "it was decided meanwhile");
    EXPECT_EQ(receiver.requests().size(), before + 1) << "only the change";
}

TEST_F(slack_notices_test, what_the_repositories_have_told_is_not_told_twice)
{
    ask();
    const std::size_t before = deliveries("slack").size();
    using enum notice_kind;
    for (const auto kind : {approval_opened, approval_decided, publication_done}) {
        notice told;
        told.kind = kind;
        told.approval_id = approval.id;
        write([&](store::transaction& tx) { return queued_reminders().take(tx, told); });
    }
    EXPECT_EQ(deliveries("slack").size(), before);
    remind(50);
    remind(50);
    EXPECT_EQ(deliveries("slack").size(), before + 1);
}

TEST_F(slack_notices_test, incidents_are_told_from_the_severity_of_the_configuration)
{
    open_incident("i2");
    EXPECT_EQ(next_pass(), 0U) << "high is less than critical";
    auto worst = store::incident_of("01JD6Z0000000000000000000A");
    worst.severity = model::severity::critical;
    write([&](store::transaction& tx) { return store::insert_incident(tx, worst, store::opened_event()); });
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_NE(receiver.last().body.find("CRITICAL incident"), std::string::npos);
}

TEST_F(slack_notices_test, a_publication_is_told_and_other_kinds_are_not)
{
    store::publication wanted;
    wanted.id = "p1";
    wanted.idempotency_key = "k1";
    wanted.run_id = "r1";
    wanted.incident_id = "i1";
    wanted.kind = "ticket";
    wanted.target = "github:acme/radar";
    wanted.title = "POST /orders fails";
    wanted.due_ns = t0;
    wanted.created_ns = t0;
    write([&](store::transaction& tx) { return store::insert_publication(tx, wanted); });
    write([](store::transaction& tx) { return store::claim_publication(tx, "p1", t0, 1000); });
    write([](store::transaction& tx) {
        return store::mark_published(tx, "p1", 1, "https://github.test/acme/radar/issues/1", t0);
    });
    EXPECT_EQ(next_pass(), 1U);
    EXPECT_NE(receiver.last().body.find("Published: ticket"), std::string::npos);

    auto run = write([](store::transaction& tx) { return store::claim_run(tx, "w", t0, 1000); }).value();
    run.state = model::run_state::dead_letter;
    write([&](store::transaction& tx) { return store::save_run(tx, run, run.lease_epoch); });
    const std::size_t before = receiver.requests().size();
    EXPECT_EQ(next_pass(), 1U);
    const auto all = deliveries("slack");
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const store::delivery& one) {
        return one.snippet == "Slack is not told of this";
    }), 1);
    EXPECT_EQ(receiver.requests().size(), before);
}

TEST_F(slack_notices_test, one_message_at_a_time)
{
    ask();
    remind(50);
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(pass(), 0U);
    time.advance_ns(policy.slack_pause.count() * ns_per_ms);
    EXPECT_EQ(pass(), 1U);
}

}  // namespace
}  // namespace reprise::runs
