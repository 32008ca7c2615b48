#include "alarm_fixture.hpp"

#include "reprise/store/events.hpp"
#include "reprise/store/services.hpp"

#include <future>

namespace reprise::pipeline {
namespace {

using store::alarm_fate;
using store::dedup_layer;

class alarms_test : public alarm_fixture {};

TEST_F(alarms_test, a_new_problem_opens_an_incident_that_waits_for_captured_traffic)
{
    const auto outcome = accept("cannot read discount of undefined");

    EXPECT_EQ(outcome.fate, alarm_fate::opened);
    EXPECT_TRUE(outcome.is_new);
    EXPECT_EQ(outcome.occurrences, 1U);
    const auto opened = incident(outcome.incident_id);
    EXPECT_EQ(opened.service, "shop");
    EXPECT_EQ(opened.title, "An error");
    EXPECT_EQ(opened.status, model::incident_status::detected);
    EXPECT_EQ(opened.phase, "pending_event");
    EXPECT_EQ(opened.severity, model::severity::medium);
    EXPECT_EQ(opened.signal_count, 0U);
    EXPECT_EQ(timeline(opened.id), ">detected/pending_event alarm from api: An error\n");
    EXPECT_TRUE(runs().empty());
    EXPECT_EQ(total("fate.opened"), 1U);
    EXPECT_EQ(total("cold_start"), 1U);
}

TEST_F(alarms_test, a_service_that_only_alarms_know_can_be_set_up)
{
    const auto find = [this] {
        return read([](store::reader& r) -> result<std::vector<model::service>> {
            auto found = store::find_service(r, "billing");
            if (!found)
                return found.error();
            return *found ? std::vector{std::move(**found)} : std::vector<model::service>();
        });
    };
    ASSERT_TRUE(find().empty());

    accept(alarm_of("cannot charge", "billing"));

    ASSERT_EQ(find().size(), 1U);
    EXPECT_EQ(find()[0].records, 0U);
    EXPECT_EQ(find()[0].tracker, "file:tickets");
}

TEST_F(alarms_test, without_evidence_a_person_gets_it_after_the_wait)
{
    const auto id = accept("cannot read discount").incident_id;
    const auto settle = [this] {
        return write([this](store::transaction& tx) { return settle_waiting_incidents(tx, policy, now_ns); }).value();
    };

    now_ns += policy.evidence_wait_ns - 1;
    EXPECT_EQ(settle(), 0U);
    EXPECT_EQ(incident(id).status, model::incident_status::detected);
    now_ns += 1;
    EXPECT_EQ(settle(), 1U);
    EXPECT_EQ(incident(id).status, model::incident_status::needs_human);
    EXPECT_EQ(incident(id).reason, "no_evidence");
    EXPECT_EQ(settle(), 0U);
}

TEST_F(alarms_test, a_wait_that_a_person_ended_moves_nothing)
{
    const auto id = accept("cannot read discount").incident_id;
    set_status(id, model::incident_status::wontfix);

    now_ns += policy.evidence_wait_ns;
    ASSERT_TRUE(write([this](store::transaction& tx) { return settle_waiting_incidents(tx, policy, now_ns); }));

    EXPECT_EQ(incident(id).status, model::incident_status::wontfix);
}

TEST_F(alarms_test, an_event_counts_once)
{
    const auto alarm = alarm_of("cannot read discount");
    const auto first = accept(alarm);
    const auto again = accept(alarm);

    EXPECT_EQ(again.fate, alarm_fate::duplicate_event);
    EXPECT_EQ(again.alarm_id, first.alarm_id);
    EXPECT_EQ(incident(first.incident_id).occurrences, 1U);
    EXPECT_EQ(read([](store::reader& r) { return store::list_alarms(r, {}); }).size(), 1U);
    EXPECT_EQ(total("fate.duplicate_event"), 1U);
}

TEST_F(alarms_test, the_same_fingerprint_counts_on_its_incident)
{
    const auto first = accept("order 123456 lost");
    const auto second = accept("order 654321 lost");

    EXPECT_EQ(second.fate, alarm_fate::counted);
    EXPECT_EQ(second.layer, dedup_layer::fingerprint);
    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_EQ(second.occurrences, 2U);
    EXPECT_EQ(incidents().size(), 1U);
}

TEST_F(alarms_test, two_threads_that_race_on_a_new_problem_make_one_incident)
{
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
        const std::string text = "problem number " + std::string(static_cast<std::size_t>(round) + 1, 'x') + " of one";
        const auto left = alarm_of(text, "service-" + std::to_string(round));
        const auto right = alarm_of(text, "service-" + std::to_string(round));
        std::promise<void> go;
        const auto started = go.get_future().share();
        const auto race = [this, &started](const model::alarm& alarm) {
            started.wait();
            return accept(alarm).incident_id;
        };
        auto one = std::async(std::launch::async, race, left);
        auto two = std::async(std::launch::async, race, right);
        go.set_value();
        EXPECT_EQ(one.get(), two.get());
    }
    EXPECT_EQ(incidents().size(), static_cast<std::size_t>(rounds));
    for (const auto& one : incidents())
        EXPECT_EQ(one.occurrences, 2U);
}

TEST_F(alarms_test, what_is_not_firing_opens_nothing_and_is_noted_at_its_incident)
{
    auto firing = alarm_of("");
    firing.group_key = "arn:aws:alarm";
    const auto opened = accept(firing);
    auto over = alarm_of("");
    over.group_key = "arn:aws:alarm";
    over.state = model::alarm_state::resolved;

    const auto noted = accept(over);

    EXPECT_EQ(noted.fate, alarm_fate::ignored_non_alarm);
    EXPECT_EQ(noted.incident_id, opened.incident_id);
    EXPECT_NE(timeline(opened.incident_id).find("api says that it is over: An error"), std::string::npos);
    EXPECT_EQ(incident(opened.incident_id).occurrences, 1U);
    auto stranger = alarm_of("");
    stranger.group_key = "another";
    stranger.state = model::alarm_state::unknown;
    EXPECT_EQ(accept(stranger).incident_id, "");
    EXPECT_EQ(incidents().size(), 1U);
}

TEST_F(alarms_test, stale_events_are_kept_and_counted_and_open_nothing)
{
    auto old = alarm_of("cannot read discount");
    old.occurred_ns = now_ns - policy.stale_after_ns - 1;

    EXPECT_EQ(accept(old).fate, alarm_fate::stale);

    EXPECT_TRUE(incidents().empty());
    store::alarm_filter filter;
    filter.fate = alarm_fate::stale;
    EXPECT_EQ(read([&](store::reader& r) { return store::list_alarms(r, filter); }).size(), 1U);
    EXPECT_EQ(total("fate.stale"), 1U);
    auto in_time = alarm_of("cannot read discount");
    in_time.occurred_ns = now_ns - policy.stale_after_ns;
    EXPECT_EQ(accept(in_time).fate, alarm_fate::opened);
}

TEST_F(alarms_test, a_resolved_incident_recurs_within_a_day_and_reopens_after)
{
    auto alarm = alarm_of("cannot read discount");
    const auto id = accept(alarm).incident_id;
    set_status(id, model::incident_status::resolved);

    now_ns += hour_ns;
    EXPECT_EQ(accept("cannot read discount").fate, alarm_fate::counted);
    EXPECT_TRUE(incident(id).recurred);
    EXPECT_EQ(incident(id).status, model::incident_status::resolved);
    now_ns += 24 * hour_ns;
    EXPECT_EQ(accept("cannot read discount").incident_id, id);
    EXPECT_EQ(incident(id).status, model::incident_status::detected);
    EXPECT_EQ(incident(id).phase, "pending_event");
    EXPECT_EQ(incident(id).generation, 2);
}

TEST_F(alarms_test, texts_are_cut_and_redacted_before_they_are_stored)
{
    auto alarm = alarm_of("login of ada@example.com failed, password=hunter2-secret\x01" + std::string(20'000, 'x'));
    alarm.title = "ada@example.com cannot log in";
    alarm.link = "javascript:alert(1)";
    alarm.labels = {{"password", "hunter2-secret"}, {"zone", "b"}};
    alarm.frames.assign(200, "f a.js");

    const auto outcome = accept(alarm);

    const auto kept = read([&](store::reader& r) { return store::find_alarm(r, outcome.alarm_id); }).value();
    std::string all = kept.alarm.title + kept.alarm.description + kept.signature + kept.handling_text;
    for (const auto& [name, value] : kept.alarm.labels)
        all += name + value;
    all += incident(outcome.incident_id).title + timeline(outcome.incident_id);
    EXPECT_EQ(all.find("ada@example.com"), std::string::npos);
    EXPECT_EQ(all.find("hunter2"), std::string::npos);
    EXPECT_EQ(all.find('\x01'), std::string::npos);
    EXPECT_LE(kept.alarm.description.size(), model::alarm_text_bytes_max);
    EXPECT_EQ(kept.alarm.frames.size(), model::alarm_frames_max);
    EXPECT_EQ(kept.alarm.link, "");
}

TEST_F(alarms_test, an_alarm_needs_a_source_and_a_key)
{
    auto nameless = alarm_of("x");
    nameless.event_key = "";
    const auto refused =
        write([&](store::transaction& tx) { return accept_alarm(tx, nameless, policy, now_ns); });
    EXPECT_EQ(refused.error(), errc::invalid_argument);
    auto rootless = alarm_of("x");
    rootless.source = "";
    EXPECT_FALSE(write([&](store::transaction& tx) { return accept_alarm(tx, rootless, policy, now_ns); }));
}

TEST_F(alarms_test, alerts_of_one_measure_share_an_incident_whatever_their_numbers)
{
    const auto alert = [this](std::string title, std::string reason) {
        auto alarm = alarm_of(std::move(reason), "shop", "CW_ALARM_AWS_LAMBDA_ERRORS");
        alarm.source = "sns";
        alarm.title = std::move(title);
        return alarm;
    };
    const auto first = accept(alert("checkout-errors: 5 in ALARM", "Threshold crossed: 5.0 at 26/11"));
    const auto second = accept(alert("checkout-errors: 17 in ALARM", "Threshold crossed by a lot, quite another text"));
    const auto other = accept(alert("refund-errors in ALARM", "Nothing of the kind"));

    EXPECT_EQ(second.incident_id, first.incident_id);
    EXPECT_EQ(second.layer, dedup_layer::fingerprint);
    EXPECT_EQ(other.fate, alarm_fate::opened);
}

TEST_F(alarms_test, counters_follow_what_was_committed)
{
    metrics numbers;
    alarm_counters counters(numbers);

    counters.add(accept("cannot read discount of undefined"));
    counters.add(accept("cannot read discount of undefined"));

    const std::string text = numbers.render();
    EXPECT_NE(text.find("reprise_alarms_total{fate=\"opened\"} 1"), std::string::npos) << text;
    EXPECT_NE(text.find("reprise_alarms_total{fate=\"counted\"} 1"), std::string::npos);
    EXPECT_NE(text.find("reprise_alarms_total{fate=\"stale\"} 0"), std::string::npos);
    EXPECT_NE(text.find("reprise_alarm_dedup_total{rule=\"cold_start\"} 1"), std::string::npos);
}

TEST_F(alarms_test, live_readers_learn_of_alarms)
{
    const auto outcome = accept("cannot read discount");
    bool told = false;
    for (const auto& event : read([](store::reader& r) { return store::list_events(r, 0, 100); }))
        told = told || (event.topic == "alarms" && event.entity_id == outcome.alarm_id);
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace reprise::pipeline
