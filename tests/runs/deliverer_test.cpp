#include "delivery_fixture.hpp"

#include "reprise/forge/delivery_ladder.hpp"
#include "reprise/net/webhook_signature.hpp"
#include "reprise/store/audit.hpp"

namespace reprise::runs {
namespace {

using store::delivery_state;

class deliverer_test : public delivery_fixture {
protected:
    net::signature_check check(const std::string& secret)
    {
        const auto got = receiver.last();
        const net::standard_headers headers = {
            got.header("webhook-id"), got.header("webhook-timestamp"), got.header("webhook-signature")};
        const std::vector<net::webhook_key> keys = {net::webhook_key::parse(secret).value()};
        return net::check_standard(keys, got.body, headers, time.now_ns());
    }
};

TEST_F(deliverer_test, a_notice_reaches_its_webhook_signed_and_once)
{
    start();
    add_webhook("e1");
    open_incident("01JD6Z0000000000000000000A");
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(pass(), 0U);

    ASSERT_EQ(receiver.requests().size(), 1U);
    const auto body = boost::json::parse(receiver.last().body);
    EXPECT_EQ(body.at("type").as_string(), "incident.opened");
    EXPECT_EQ(body.at("data").at("incident_id").as_string(), "01JD6Z0000000000000000000A");
    EXPECT_EQ(
        body.at("data").at("url").as_string(), "https://reprise.test/incidents/01JD6Z0000000000000000000A"
    );
    EXPECT_EQ(check(secret_of("e1")), net::signature_check::good);
    const auto one = deliveries("e1").front();
    EXPECT_EQ(one.state, delivery_state::delivered);
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(one.snippet, "ok");
    EXPECT_TRUE(metrics_say(R"(reprise_deliveries_total{target="webhook",result="delivered"} 1)"));
}

TEST_F(deliverer_test, failures_climb_the_ladder_to_its_end_under_one_message_id)
{
    policy.disable_after_ns = 1'000LL * 24 * 3600 * ns_per_s;
    start();
    add_webhook("e1");
    receiver.answer_with(500, "no");
    open_incident("i1");
    for (std::size_t attempt = 1; attempt <= forge::delivery_delays.size(); ++attempt) {
        EXPECT_EQ(pass(), 1U) << attempt;
        EXPECT_EQ(pass(), 0U) << "not before its time, attempt " << attempt;
        EXPECT_EQ(deliveries("e1").front().attempts, attempt);
        if (attempt == forge::delivery_delays.size())
            break;
        EXPECT_EQ(deliveries("e1").front().state, delivery_state::pending);
        time.set_ns(deliveries("e1").front().due_ns - 1);
        EXPECT_EQ(pass(), 0U);
        time.advance_ns(1);
    }
    const auto one = deliveries("e1").front();
    EXPECT_EQ(one.state, delivery_state::failed);
    EXPECT_NE(one.error.find("the last of 10 attempts"), std::string::npos) << one.error;
    EXPECT_EQ(one.snippet, "no");
    const double hours = static_cast<double>(time.now_ns() - t0) / (3600.0 * ns_per_s);
    EXPECT_GT(hours, 75.5);
    EXPECT_LT(hours, 75.6 * 1.1);
    ASSERT_EQ(receiver.requests().size(), 10U);
    for (const auto& request : receiver.requests())
        EXPECT_EQ(request.header("webhook-id"), one.message_id);
    EXPECT_NE(receiver.requests()[0].header("webhook-timestamp"), receiver.requests()[1].header("webhook-timestamp"));
}

TEST_F(deliverer_test, gone_switches_the_endpoint_off_with_an_audit_row)
{
    start();
    add_webhook("e1");
    receiver.answer_with(410);
    open_incident("i1");
    EXPECT_EQ(pass(), 1U);

    EXPECT_FALSE(endpoint("e1").enabled);
    EXPECT_NE(endpoint("e1").disabled_reason.find("410 Gone"), std::string::npos);
    EXPECT_EQ(deliveries("e1").front().state, delivery_state::failed);
    const auto audit = read([](store::reader& r) { return store::list_audit(r, 0, 10); });
    ASSERT_EQ(audit.size(), 1U);
    EXPECT_EQ(audit[0].entry.action, "webhook.disable");
    EXPECT_EQ(audit[0].entry.object, "webhook/e1");
    open_incident("i2");
    EXPECT_EQ(pass(), 0U) << "nothing more is queued for it";
    io.run(subject->show_queue());
    EXPECT_TRUE(metrics_say("reprise_webhooks_disabled 1"));
}

TEST_F(deliverer_test, days_of_nothing_but_failures_switch_it_off_and_one_success_starts_the_count_anew)
{
    policy.disable_after_ns = 24LL * 3600 * ns_per_s;
    start();
    add_webhook("e1");
    receiver.answer_with(500);
    open_incident("i1");
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(endpoint("e1").failing_since_ns, t0);

    time.advance_ns(23LL * 3600 * ns_per_s);
    receiver.answer_with(200);
    pass();
    EXPECT_FALSE(endpoint("e1").failing_since_ns);

    receiver.answer_with(500);
    open_incident("i2");
    pass();
    time.advance_ns(23LL * 3600 * ns_per_s);
    pass();
    EXPECT_TRUE(endpoint("e1").enabled);
    time.advance_ns(3600LL * ns_per_s);
    pass();
    EXPECT_FALSE(endpoint("e1").enabled);
    EXPECT_NE(endpoint("e1").disabled_reason.find("nothing but failures for 1 days"), std::string::npos)
        << endpoint("e1").disabled_reason;
}

TEST_F(deliverer_test, the_old_secret_signs_along_until_its_time_is_over)
{
    start();
    add_webhook("e1");
    auto value = endpoint("e1");
    value.previous_secret = value.secret;
    value.previous_until_ns = t0 + 10 * ns_per_s;
    value.secret = secrets.seal("e1", secret_of("e9"));
    write([&](store::transaction& tx) { return store::save_endpoint(tx, value, 1); });

    open_incident("i1");
    pass();
    EXPECT_EQ(check(secret_of("e1")), net::signature_check::good);
    EXPECT_EQ(check(secret_of("e9")), net::signature_check::good);

    time.advance_ns(10 * ns_per_s);
    open_incident("i2");
    pass();
    EXPECT_EQ(check(secret_of("e1")), net::signature_check::mismatch);
    EXPECT_EQ(check(secret_of("e9")), net::signature_check::good);
}

TEST_F(deliverer_test, a_silent_endpoint_holds_up_nobody_and_has_its_own_places)
{
    start();
    add_webhook("e1", "/silent");
    for (int i = 0; i < 6; ++i)
        open_incident("i" + std::to_string(i));
    EXPECT_EQ(io.run(subject->begin_due()), policy.endpoint_at_once_max);
    EXPECT_EQ(io.run(subject->begin_due()), 0U) << "all of its places are taken";

    add_webhook("e2");
    open_incident("i9");
    EXPECT_EQ(io.run(subject->begin_due()), 1U);
    while (deliveries("e2").front().state == delivery_state::pending)
        io.run(subject->begin_due());
    EXPECT_EQ(deliveries("e2").front().state, delivery_state::delivered);
    EXPECT_EQ(deliveries("e1").front().state, delivery_state::pending);
}

TEST_F(deliverer_test, no_endpoint_is_sent_to_faster_than_the_rate)
{
    policy.endpoint_per_s = 2;
    start();
    add_webhook("e1");
    for (int i = 0; i < 5; ++i)
        open_incident("i" + std::to_string(i));
    EXPECT_EQ(pass(), 2U);
    EXPECT_EQ(pass(), 0U);
    time.advance_ns(ns_per_s / 2);
    EXPECT_EQ(pass(), 1U);
    time.advance_ns(ns_per_s);
    EXPECT_EQ(pass(), 2U);
}

TEST_F(deliverer_test, a_busy_endpoint_is_left_alone_for_as_long_as_it_asks)
{
    start();
    add_webhook("e1");
    receiver.answer_with(503, "busy", {{"Retry-After", "60"}});
    open_incident("i1");
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(deliveries("e1").front().due_ns, t0 + 60 * ns_per_s) << "later than the ladder's five seconds";

    receiver.answer_with(200);
    open_incident("i2");
    time.advance_ns(59 * ns_per_s);
    EXPECT_EQ(pass(), 0U) << "nor anything else";
    time.advance_ns(ns_per_s);
    EXPECT_EQ(pass(), 2U);
}

TEST_F(deliverer_test, what_a_dead_process_had_claimed_is_sent_again_under_the_same_id)
{
    start();
    add_webhook("e1");
    open_incident("i1");
    const auto lost = write([](store::transaction& tx) {
        return store::claim_deliveries(tx, "e1", t0, 90 * ns_per_s, 10);
    });
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(pass(), 0U);
    time.advance_ns(90 * ns_per_s);
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(receiver.last().header("webhook-id"), lost[0].message_id);
    EXPECT_EQ(deliveries("e1").front().state, delivery_state::delivered);
}

TEST_F(deliverer_test, a_given_up_delivery_is_sent_again_when_a_person_says_so)
{
    start();
    add_webhook("e1");
    receiver.answer_with(410);
    open_incident("i1");
    pass();
    auto value = endpoint("e1");
    value.enabled = true;
    value.disabled_reason.clear();
    write([&](store::transaction& tx) { return store::save_endpoint(tx, value, value.version); });
    const std::string id = deliveries("e1").front().id;
    write([&](store::transaction& tx) { return store::replay_delivery(tx, id, time.now_ns()); });

    receiver.answer_with(204, "");
    EXPECT_EQ(pass(), 1U);
    EXPECT_EQ(deliveries("e1").front().state, delivery_state::delivered);
    EXPECT_EQ(deliveries("e1").front().status, 204);
}

TEST_F(deliverer_test, a_secret_of_another_database_is_told_and_nothing_is_sent)
{
    start();
    add_webhook("e1");
    auto value = endpoint("e1");
    value.secret = secrets.seal("somebody else", secret_of("e1"));
    write([&](store::transaction& tx) { return store::save_endpoint(tx, value, 1); });
    open_incident("i1");
    pass();
    EXPECT_TRUE(receiver.requests().empty());
    EXPECT_NE(deliveries("e1").front().error.find("rotate it"), std::string::npos);
}

TEST_F(deliverer_test, the_queue_is_shown_as_metrics)
{
    start();
    add_webhook("e1");
    open_incident("i1");
    time.advance_ns(7 * ns_per_s);
    io.run(subject->show_queue());
    EXPECT_TRUE(metrics_say("reprise_deliveries_waiting 1")) << numbers.render();
    EXPECT_TRUE(metrics_say("reprise_deliveries_oldest_age_seconds 7"));
    EXPECT_TRUE(metrics_say("reprise_deliveries_dropped 0"));
}

TEST_F(deliverer_test, the_loop_ends_when_it_is_stopped)
{
    policy.poll = std::chrono::milliseconds(1);
    start();
    add_webhook("e1");
    add_webhook("e2", "/silent");
    open_incident("i1");
    ASSERT_TRUE(tasks->spawn("deliveries", subject->run_deliveries()));
    while (deliveries("e1").front().state == delivery_state::pending)
        io.run(subject->show_queue());
    tasks->stop();
    EXPECT_TRUE(io.run(tasks->drain(std::chrono::seconds(5))));
    EXPECT_EQ(deliveries("e2").front().state, delivery_state::pending) << "sent again after its lease";
}

}  // namespace
}  // namespace reprise::runs
