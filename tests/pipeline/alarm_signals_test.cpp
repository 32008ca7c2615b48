#include "alarm_fixture.hpp"

#include "reprise/lifecycle/fingerprint.hpp"
#include "reprise/lifecycle/snooze.hpp"
#include "reprise/store/signals.hpp"

namespace reprise::pipeline {
namespace {

using store::alarm_fate;
using store::dedup_layer;

// Alarms and signals about one problem end in one incident, whichever comes first.
class alarm_signals_test : public alarm_fixture {
protected:
    static model::signal signal_of(std::string route, std::string service = "shop", std::string message = {})
    {
        model::signal signal;
        signal.kind = model::signal_kind::error_rate;
        signal.severity = model::severity::high;
        signal.operation.service = std::move(service);
        signal.operation.method = "POST";
        signal.operation.route = std::move(route);
        signal.operation_id = 7;
        signal.window_start_ns = t0;
        signal.window_end_ns = t0 + minute_ns;
        signal.observed_k = 28;
        signal.observed_n = 193;
        signal.rule = "beta-binomial tail";
        signal.explanation = "POST " + signal.operation.route + " fails 28 of 193 times";
        signal.message = std::move(message);
        signal.fingerprint = lifecycle::fingerprint(signal);
        return signal;
    }

    static model::evidence evidence_of(const model::signal& signal)
    {
        model::evidence evidence;
        evidence.id = "evidence-" + signal.fingerprint.substr(0, 8);
        evidence.service = signal.operation.service;
        evidence.fingerprint = signal.fingerprint;
        evidence.path = "evidence/x/" + evidence.id + ".tar.gz";
        evidence.created_ns = t0;
        return evidence;
    }

    // A window with this signal, as the committer would commit it: evidence where the rules ask for one.
    void commit(const model::signal& signal)
    {
        closed_window closed;
        closed.window.service = signal.operation.service;
        closed.window.start_ns = signal.window_start_ns;
        closed.window.end_ns = signal.window_end_ns;
        closed.found.push_back({signal, {}});
        const auto need = read([&](store::reader& r) { return find_evidence_need(r, signal, now_ns); });
        std::vector<std::optional<model::evidence>> bundles(1);
        if (need == evidence_need::bundle)
            bundles[0] = evidence_of(signal);
        ASSERT_TRUE(write([&](store::transaction& tx) {
            return commit_window(tx, closed, bundles, commit_policy(), now_ns);
        }));
    }

    model::alarm alert(std::int64_t occurred_ns)
    {
        auto alarm = alarm_of("Threshold crossed", "shop", "CW_ALARM_AWS_APIGATEWAY_5XXERROR");
        alarm.source = "sns";
        alarm.title = "shop-5xx in ALARM";
        alarm.occurred_ns = occurred_ns;
        return alarm;
    }
};

TEST_F(alarm_signals_test, an_alert_joins_the_signals_of_its_time)
{
    commit(signal_of("/orders"));
    now_ns += 5 * minute_ns;

    const auto outcome = accept(alert(now_ns - minute_ns));

    EXPECT_EQ(outcome.fate, alarm_fate::counted);
    EXPECT_EQ(outcome.layer, dedup_layer::correlated);
    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].occurrences, 29U);
    EXPECT_EQ(incidents()[0].signal_count, 1U);
    EXPECT_EQ(total("correlated"), 1U);
    EXPECT_EQ(accept(alert(now_ns)).layer, dedup_layer::fingerprint);
}

TEST_F(alarm_signals_test, an_alert_of_another_time_or_service_stays_alone)
{
    commit(signal_of("/orders"));
    now_ns += 20 * minute_ns;

    EXPECT_EQ(accept(alert(now_ns)).fate, alarm_fate::opened);
    auto other = alert(t0);
    other.service = "cart";
    EXPECT_EQ(accept(other).fate, alarm_fate::opened);
    auto nameless = alert(t0);
    nameless.service = "";
    EXPECT_EQ(accept(nameless).fate, alarm_fate::opened);
}

TEST_F(alarm_signals_test, a_logged_error_of_another_route_stays_alone)
{
    commit(signal_of("/orders"));
    auto logged = alarm_of("cart is empty");
    logged.route = "POST /carts/17";
    EXPECT_EQ(accept(logged).fate, alarm_fate::opened);
    auto same = alarm_of("discount is missing");
    same.route = "POST /orders";
    EXPECT_EQ(accept(same).layer, dedup_layer::correlated);
}

TEST_F(alarm_signals_test, a_logged_error_with_the_message_and_route_of_a_signal_has_its_fingerprint)
{
    commit(signal_of("/orders/{id}", "shop", "TypeError: order {id} has no discount"));
    auto logged = alarm_of("TypeError: order 4711471 has no discount\n    at f (a.js:1:2)");
    logged.route = "POST /orders/4711471";

    EXPECT_EQ(accept(logged).layer, dedup_layer::fingerprint);
}

TEST_F(alarm_signals_test, a_signal_joins_the_incident_an_alarm_opened_and_its_work_begins)
{
    const auto outcome = accept(alert(t0));
    EXPECT_TRUE(runs().empty());

    now_ns += 2 * minute_ns;
    commit(signal_of("/orders"));

    ASSERT_EQ(incidents().size(), 1U);
    const auto joined = incidents()[0];
    EXPECT_EQ(joined.id, outcome.incident_id);
    EXPECT_EQ(joined.phase, "queued");
    EXPECT_EQ(joined.title, "POST /orders fails");
    EXPECT_EQ(joined.explanation, "POST /orders fails 28 of 193 times");
    EXPECT_EQ(joined.occurrences, 29U);
    EXPECT_EQ(joined.severity, model::severity::high);
    ASSERT_EQ(runs().size(), 1U);
    EXPECT_NE(runs()[0].evidence_id, "");
    EXPECT_NE(runs()[0].signal_id, "");

    now_ns += policy.evidence_wait_ns;
    ASSERT_TRUE(write([this](store::transaction& tx) { return settle_waiting_incidents(tx, policy, now_ns); }));
    EXPECT_EQ(incidents()[0].phase, "queued");
}

TEST_F(alarm_signals_test, a_snoozed_incident_comes_back_with_a_worse_signal_and_not_with_one_as_bad)
{
    const std::string id = accept(alert(t0)).incident_id;
    const auto snooze = [&] {
        const auto before = incident(id);
        const auto changed = lifecycle::snooze(before, {now_ns + hour_ns, "known", "ada", now_ns});
        write([&](store::transaction& tx) -> result<void> {
            model::incident next = changed->incident;
            return store::save_incident(tx, next, before.version, changed->event);
        }).value();
    };
    snooze();
    now_ns += minute_ns;
    commit(signal_of("/orders"));
    EXPECT_FALSE(incident(id).snoozed_until_ns) << "medium became high";
    EXPECT_NE(timeline(id).find("its severity rose to high"), std::string::npos);

    snooze();
    now_ns += 2 * minute_ns;
    auto again = signal_of("/orders");
    again.window_start_ns += minute_ns;
    again.window_end_ns += minute_ns;
    commit(again);
    EXPECT_TRUE(incident(id).snoozed_until_ns) << "high as before";
}

TEST_F(alarm_signals_test, a_snoozed_incident_comes_back_with_a_worse_alarm)
{
    const std::string id = accept("discount is missing").incident_id;
    const auto before = incident(id);
    const auto changed = lifecycle::snooze(before, {now_ns + hour_ns, "known", "ada", now_ns});
    write([&](store::transaction& tx) -> result<void> {
        model::incident next = changed->incident;
        return store::save_incident(tx, next, before.version, changed->event);
    }).value();
    accept("discount is missing");
    EXPECT_TRUE(incident(id).snoozed_until_ns);
    auto worse = alarm_of("discount is missing");
    worse.severity = model::severity::critical;
    accept(worse);
    EXPECT_EQ(incident(id).severity, model::severity::critical);
    EXPECT_FALSE(incident(id).snoozed_until_ns);
}

TEST_F(alarm_signals_test, a_signal_of_the_alarms_fingerprint_brings_evidence_too)
{
    auto logged = alarm_of("TypeError: order has no discount");
    logged.route = "POST /orders";
    accept(logged);
    now_ns += minute_ns;

    commit(signal_of("/orders", "shop", "TypeError: order has no discount"));

    ASSERT_EQ(incidents().size(), 1U);
    ASSERT_EQ(runs().size(), 1U);
    EXPECT_NE(runs()[0].evidence_id, "");
}

TEST_F(alarm_signals_test, evidence_that_comes_late_is_kept_for_the_person_who_has_it)
{
    accept(alert(t0));
    now_ns += policy.evidence_wait_ns;
    ASSERT_TRUE(write([this](store::transaction& tx) { return settle_waiting_incidents(tx, policy, now_ns); }));

    commit(signal_of("/orders"));

    ASSERT_EQ(incidents().size(), 1U);
    EXPECT_EQ(incidents()[0].status, model::incident_status::needs_human);
    EXPECT_EQ(incidents()[0].signal_count, 1U);
    EXPECT_TRUE(runs().empty());
    const std::string id = incidents()[0].id;
    const auto signals = read([&](store::reader& r) { return store::list_incident_signals(r, id, 10); });
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_NE(signals[0].evidence_id, "");
}

TEST_F(alarm_signals_test, a_signal_of_another_route_opens_its_own)
{
    auto logged = alarm_of("cart is empty");
    logged.route = "POST /carts";
    accept(logged);

    commit(signal_of("/orders"));

    EXPECT_EQ(incidents().size(), 2U);
}

}  // namespace
}  // namespace reprise::pipeline
