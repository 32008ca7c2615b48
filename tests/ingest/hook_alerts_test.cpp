#include "hook_reading.hpp"

namespace reprise::ingest {
namespace {

using model::alarm_state;
using test::at;
using test::label;
using test::only_alarm;

constexpr std::string_view firing_group = R"({
  "version": "4", "groupKey": "{}:{alertname=\"HighErrorRate\"}", "truncatedAlerts": 0, "status": "firing",
  "receiver": "reprise", "groupLabels": {"alertname": "HighErrorRate"},
  "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alertmanager:9093",
  "alerts": [{
    "status": "firing",
    "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical", "job": "scrape"},
    "annotations": {"summary": "checkout answers 500", "description": "14 % of requests fail"},
    "startsAt": "2026-11-21T03:59:35.120Z", "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.test/graph?g0.expr=1", "fingerprint": "0c8b2a1f5d7e9c33"}]})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to)
{
    std::string made(text);
    made.replace(made.find(from), from.size(), to);
    return made;
}

TEST(hook_alertmanager, a_firing_alert_is_read_in_full)
{
    const auto alarm = only_alarm(test::read("alertmanager", "", firing_group));

    EXPECT_EQ(alarm.source, "alertmanager");
    EXPECT_EQ(alarm.event_key, "0c8b2a1f5d7e9c33@2026-11-21T03:59:35.120Z");
    EXPECT_EQ(alarm.group_key, "0c8b2a1f5d7e9c33");
    EXPECT_EQ(alarm.state, alarm_state::firing);
    EXPECT_EQ(alarm.service, "checkout");
    EXPECT_EQ(alarm.error_type, "HighErrorRate");
    EXPECT_EQ(alarm.title, "checkout answers 500");
    EXPECT_EQ(alarm.description, "14 % of requests fail");
    EXPECT_EQ(alarm.severity, model::severity::critical);
    EXPECT_EQ(alarm.link, "https://prometheus.test/graph?g0.expr=1");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T03:59:35.120Z"));
    EXPECT_EQ(label(alarm, "job"), "scrape");
    EXPECT_EQ(label(alarm, "receiver"), "reprise");
    EXPECT_EQ(label(alarm, "truncated_alerts"), "");
}

TEST(hook_alertmanager, the_end_of_an_alert_is_another_event_of_the_same_group)
{
    std::string body = replaced(firing_group, R"([{
    "status": "firing")", R"([{
    "status": "resolved")");
    body = replaced(body, "0001-01-01T00:00:00Z", "2026-11-21T04:10:00Z");
    const auto alarm = only_alarm(test::read("alertmanager", "", body));

    EXPECT_EQ(alarm.state, alarm_state::resolved);
    EXPECT_EQ(alarm.event_key, "0c8b2a1f5d7e9c33@2026-11-21T03:59:35.120Z/resolved");
    EXPECT_EQ(alarm.group_key, "0c8b2a1f5d7e9c33");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T04:10:00Z"));
}

TEST(hook_alertmanager, alerts_that_the_sender_left_out_are_shown)
{
    const auto content =
        test::read("alertmanager", "", replaced(firing_group, "\"truncatedAlerts\": 0", "\"truncatedAlerts\": 12"));

    EXPECT_EQ(label(only_alarm(content), "truncated_alerts"), "12");
    EXPECT_NE(content->note.find("12 more alerts"), std::string::npos);
}

TEST(hook_alertmanager, alerts_beyond_the_limit_are_counted_in_the_note)
{
    std::string body = R"({"version":"4","alerts":[)";
    for (std::size_t i = 0; i < hook_alarms_max + 3; ++i)
        body += (i == 0 ? "" : ",") + std::string(R"({"labels":{"alertname":"a","n":")") + std::to_string(i) + "\"}}";
    const auto content = test::read("alertmanager", "", body + "]}");

    ASSERT_TRUE(content.has_value());
    EXPECT_EQ(content->alarms.size(), hook_alarms_max);
    EXPECT_EQ(content->note, "3 alerts behind the first 500 were not read");
}

TEST(hook_alertmanager, without_a_fingerprint_the_labels_make_one)
{
    const auto key_of = [](std::string_view labels) {
        const std::string body =
            std::string(R"({"version":"4","alerts":[{"labels":)").append(labels).append("}]}");
        return only_alarm(test::read("alertmanager", "", body)).group_key;
    };

    EXPECT_EQ(key_of(R"({"a":"1","b":"2"})"), key_of(R"({"b":"2","a":"1"})"));
    EXPECT_NE(key_of(R"({"a":"1","b":"2"})"), key_of(R"({"a":"1","b":"3"})"));
    EXPECT_EQ(key_of(R"({"a":"1"})").size(), 16U);
}

TEST(hook_alertmanager, what_cannot_be_read_says_why)
{
    const auto reason = [](std::string_view body) {
        const auto content = test::read("alertmanager", "", body);
        return content ? std::string() : content.error().reason;
    };

    EXPECT_NE(reason(R"({"version":"3","alerts":[]})").find("\"3\""), std::string::npos);
    EXPECT_NE(reason(R"({"version":"4"})").find("alerts"), std::string::npos);
    EXPECT_NE(reason(R"({"version":"4","alerts":[1]})").find("alerts[0]"), std::string::npos);
    EXPECT_NE(reason("[]").find("object"), std::string::npos);
}

TEST(hook_grafana, an_alert_is_read_as_alertmanagers)
{
    const auto alarm = only_alarm(test::read("grafana", "", R"({
      "receiver": "reprise", "status": "firing", "orgId": 1, "version": "1", "groupKey": "{}", "truncatedAlerts": 0,
      "title": "[FIRING:1] Slow", "state": "alerting", "message": "...",
      "alerts": [{"status": "firing", "labels": {"alertname": "Slow", "service_name": "shop"},
        "annotations": {"summary": "shop is slow"}, "startsAt": "2026-11-21T03:59:35Z",
        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://grafana.test/alerting/1/edit",
        "fingerprint": "c6eadffa33fcdf37", "silenceURL": "https://grafana.test/s",
        "dashboardURL": "https://grafana.test/d/abc", "panelURL": "", "values": {"B": 44.2},
        "valueString": "[ var='B' value=44.2 ]"}]})"));

    EXPECT_EQ(alarm.source, "grafana");
    EXPECT_EQ(alarm.service, "shop");
    EXPECT_EQ(alarm.title, "shop is slow");
    EXPECT_EQ(alarm.description, "[ var='B' value=44.2 ]");
    EXPECT_EQ(alarm.link, "https://grafana.test/d/abc");
    EXPECT_EQ(alarm.event_key, "c6eadffa33fcdf37@2026-11-21T03:59:35Z");
}

TEST(hook_grafana, that_a_data_source_has_nothing_says_nothing_about_the_service)
{
    const auto state = [](std::string_view name) {
        const std::string body = std::string(R"({"alerts":[{"status":"firing","labels":{"alertname":")")
                                     .append(name)
                                     .append("\"}}]}");
        return only_alarm(test::read("grafana", "", body)).state;
    };

    EXPECT_EQ(state("DatasourceNoData"), alarm_state::unknown);
    EXPECT_EQ(state("DatasourceError"), alarm_state::unknown);
    EXPECT_EQ(state("Slow"), alarm_state::firing);
}

TEST(hook_pagerduty, a_triggered_incident_is_read_in_full)
{
    const auto alarm = only_alarm(test::read("pagerduty", "", R"({"event": {
      "id": "01DEN1HNLBC15A3EQ9JXWQ2D9A", "event_type": "incident.triggered", "resource_type": "incident",
      "occurred_at": "2026-11-21T03:59:35Z", "agent": null, "client": null,
      "data": {"id": "PGR0VU2", "type": "incident", "self": "https://api.pagerduty.com/incidents/PGR0VU2",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2", "number": 2, "status": "triggered",
        "incident_key": "d3640fbd41094207a1c11e58e46b1662", "created_at": "2026-11-21T03:59:35Z",
        "title": "A little bump in the road", "urgency": "high",
        "service": {"id": "PF9KMXH", "summary": "API Service", "type": "service_reference"},
        "priority": {"id": "P2TIYVD", "summary": "P2"}, "assignees": []}}})"));

    EXPECT_EQ(alarm.event_key, "01DEN1HNLBC15A3EQ9JXWQ2D9A");
    EXPECT_EQ(alarm.group_key, "incident/PGR0VU2");
    EXPECT_EQ(alarm.state, alarm_state::firing);
    EXPECT_EQ(alarm.service, "API Service");
    EXPECT_EQ(alarm.title, "A little bump in the road");
    EXPECT_EQ(alarm.severity, model::severity::high);
    EXPECT_EQ(alarm.link, "https://acme.pagerduty.com/incidents/PGR0VU2");
    EXPECT_EQ(label(alarm, "number"), "2");
}

TEST(hook_pagerduty, only_beginnings_and_ends_count)
{
    const auto read_type = [](std::string_view type) {
        return test::read(
            "pagerduty", "",
            std::string(R"({"event":{"id":"e","event_type":")").append(type).append(R"(","data":{"id":"P1"}}})")
        );
    };

    EXPECT_EQ(only_alarm(read_type("incident.reopened")).state, alarm_state::firing);
    EXPECT_EQ(only_alarm(read_type("incident.resolved")).state, alarm_state::resolved);
    EXPECT_EQ(read_type("incident.acknowledged")->note, "ignored: incident.acknowledged opens and ends nothing");
    EXPECT_TRUE(read_type("pagey.ping")->alarms.empty());
    EXPECT_TRUE(test::read("pagerduty", "", R"({"messages":[]})").has_error());
}

TEST(hook_generic, one_alarm_is_read_in_full)
{
    const auto alarm = only_alarm(test::read("generic/backup", "", R"json({
      "id": "nightly-7", "state": "firing", "service": "backup", "error_type": "BACKUP_FAILED",
      "title": "The nightly backup failed", "description": "exit code 3", "route": "POST /backup",
      "frames": ["run (backup.py:3)"], "status": 502, "severity": "high", "resource": "host-4",
      "link": "https://backup.test/7", "labels": {"host": "host-4", "try": 2}, "group": "nightly",
      "occurred_at": "2026-11-21T03:59:35Z"})json"));

    EXPECT_EQ(alarm.source, "generic/backup");
    EXPECT_EQ(alarm.event_key, "nightly-7");
    EXPECT_EQ(alarm.group_key, "nightly");
    EXPECT_EQ(alarm.service, "backup");
    EXPECT_EQ(alarm.error_type, "BACKUP_FAILED");
    EXPECT_EQ(alarm.route, "POST /backup");
    EXPECT_EQ(alarm.frames, std::vector<std::string>{"run (backup.py:3)"});
    EXPECT_EQ(alarm.status_code, 502);
    EXPECT_EQ(alarm.severity, model::severity::high);
    EXPECT_EQ(label(alarm, "try"), "2");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T03:59:35Z"));
}

TEST(hook_generic, several_alarms_without_ids_are_told_apart_by_their_place)
{
    const auto content =
        test::read("generic/backup", "", R"({"alarms":[{"title":"a"},{"title":"b","state":"resolved"}]})");

    ASSERT_TRUE(content.has_value());
    ASSERT_EQ(content->alarms.size(), 2U);
    EXPECT_EQ(content->alarms[0].event_key, "delivery-1/0");
    EXPECT_EQ(content->alarms[1].event_key, "delivery-1/1");
    EXPECT_EQ(content->alarms[1].state, alarm_state::resolved);
    EXPECT_EQ(test::read("generic/backup", "", R"({"alarms":[]})")->note, "ignored: the list of alarms is empty");
}

TEST(hook_generic, what_is_wrong_is_named)
{
    const auto reason = [](std::string_view body) {
        const auto content = test::read("generic/backup", "", body);
        return content ? std::string() : content.error().reason;
    };

    EXPECT_EQ(reason("{}"), "alarm 0: it has no title");
    EXPECT_EQ(reason(R"({"title":"a","sevrity":"high"})"), "alarm 0: there is no member \"sevrity\"");
    EXPECT_EQ(reason(R"({"title":"a","severity":"loud"})"), "alarm 0: severity is low, medium, high or critical");
    EXPECT_EQ(reason(R"({"title":"a","state":"on"})"), "alarm 0: state is firing, resolved or unknown");
    EXPECT_EQ(reason(R"({"alarms":[{"title":"a"},7]})"), "alarm 1: it is no object");
    EXPECT_NE(reason(R"({"title":"a","occurred_at":"yesterday"})"), "");
}

}  // namespace
}  // namespace reprise::ingest
