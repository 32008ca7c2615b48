#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::api_options;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;

const std::string events = "/api/v1/events";

std::string event_text(const std::string& description, const std::string& more = {})
{
    return R"({"service":"shop","error_type":"TypeError","description":")" + description + "\"" + more + "}";
}

api_options gated()
{
    api_options options;
    options.change = [](api_config& config) { config.alarms.require_event_approval = true; };
    return options;
}

boost::json::value item_of(const raw_answer& answer)
{
    return json_of(answer).at("item");
}

std::string text_of(const boost::json::value& item, std::string_view name)
{
    return std::string(item.at(name).as_string());
}

std::string last_action(running_api& on)
{
    const auto rows = on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 100); });
    return rows->empty() ? "" : rows->back().entry.action;
}

TEST(alarms_api, an_injected_event_opens_an_incident_that_shows_it)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");

    const raw_answer taken = on.call(who, "POST", events, event_text("no discount", R"j(,"metadata":{"zone":"b","n":3},
        "frames":["at f (a.js:1:2)"],"status_code":500,"severity":"high","source":"cloudflare","log_group":"g")j"));

    ASSERT_EQ(taken.status, 200) << taken.body;
    const auto outcome = item_of(taken);
    EXPECT_EQ(find_misfit(outcome, "AlarmOutcome"), "");
    EXPECT_EQ(text_of(outcome, "status"), "opened");
    EXPECT_EQ(last_action(on), "event.inject");
    const auto incident = item_of(on.call(who, "GET", "/api/v1/incidents/" + text_of(outcome, "incident_id")));
    EXPECT_EQ(find_misfit(incident, "IncidentDetail"), "");
    ASSERT_EQ(incident.at("alarms").as_array().size(), 1U);
    const auto& alarm = incident.at("alarms").as_array()[0];
    EXPECT_EQ(text_of(alarm, "description"), "no discount");
    EXPECT_EQ(alarm.at("labels").as_array().size(), 4U);
    EXPECT_EQ(text_of(incident, "severity"), "high");
    const auto one = item_of(on.call(who, "GET", "/api/v1/alarms/" + text_of(outcome, "alarm_id")));
    EXPECT_EQ(one, alarm);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/alarms/" + test::missing_id).status, 404);
    EXPECT_NE(on.numbers().render().find("reprise_alarms_total{fate=\"opened\"} 1"), std::string::npos);
}

TEST(alarms_api, what_only_an_alarm_told_of_can_be_published_anyway)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string id = text_of(item_of(on.call(who, "POST", events, event_text("no discount"))), "incident_id");
    const pipeline::alarm_policy policy;
    on.time().advance_ns(policy.evidence_wait_ns);
    const std::int64_t now_ns = on.time().now_ns();
    on.write([&](store::transaction& tx) {
        return pipeline::settle_waiting_incidents(tx, policy, now_ns);
    }).value();
    const std::string path = "/api/v1/incidents/" + id;
    ASSERT_EQ(text_of(item_of(on.call(who, "GET", path)), "reason"), "no_evidence");

    const raw_answer published = on.call(who, "POST", path + "/publish", R"({"comment":"we know it"})");

    EXPECT_EQ(published.status, 200) << published.body;
    const auto runs = json_of(on.call(who, "GET", "/api/v1/runs?incident=" + id)).at("items");
    ASSERT_EQ(runs.as_array().size(), 1U);
    EXPECT_EQ(text_of(runs.as_array()[0], "kind"), "publish");
    EXPECT_EQ(text_of(runs.as_array()[0], "state"), "queued");
}

TEST(alarms_api, an_event_with_a_key_counts_once)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string body = event_text("no discount", R"(,"key":"delivery-1")");

    on.call(who, "POST", events, body);

    EXPECT_EQ(text_of(item_of(on.call(who, "POST", events, body)), "status"), "duplicate_event");
}

TEST(alarms_api, bad_events_are_refused_by_name)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    for (const std::string body :
         {R"({})", R"({"titel":"x"})", R"({"title":5})", R"({"title":"x","status_code":42})",
          R"({"title":"x","severity":"bad"})", R"({"title":"x","frames":"f"})", R"({"title":"x","metadata":[]})",
          R"({"title":"x","occurred_at":"yesterday"})", R"([])"}) {
        const raw_answer answer = on.call(who, "POST", events, body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(code_of(answer), "bad_request") << body;
    }
}

TEST(alarms_api, only_operators_inject_and_decide)
{
    running_api on(gated());
    const actor viewer = on.sign_in("vera", "viewer");
    const actor who = on.sign_in("ada", "operator");
    const auto held = item_of(on.call(who, "POST", events, event_text("no discount")));
    const std::string path = events + "/" + text_of(held, "event_id");

    EXPECT_EQ(on.call(viewer, "POST", events, event_text("x")).status, 403);
    EXPECT_EQ(on.call(viewer, "POST", path + "/approve").status, 403);
    EXPECT_EQ(on.call(viewer, "POST", path + "/dismiss").status, 403);
    EXPECT_EQ(on.call(viewer, "POST", events + "/approve-all").status, 403);
    EXPECT_EQ(on.call(viewer, "GET", events).status, 200);
    EXPECT_EQ(on.call({}, "GET", events).status, 401);
}

TEST(alarms_api, a_waiting_event_is_approved_once)
{
    running_api on(gated());
    const actor who = on.sign_in("ada", "operator");
    const auto held = item_of(on.call(who, "POST", events, event_text("order 17 lost")));
    on.call(who, "POST", events, event_text("order 18 lost"));
    EXPECT_EQ(text_of(held, "status"), "held");
    const auto list = json_of(on.call(who, "GET", events + "?state=pending")).at("items");
    ASSERT_EQ(list.as_array().size(), 1U);
    EXPECT_EQ(find_misfit(list.as_array()[0], "HeldEvent"), "");
    EXPECT_EQ(list.as_array()[0].at("occurrences").as_int64(), 2);

    const std::string path = events + "/" + text_of(held, "event_id") + "/approve";
    const raw_answer approved = on.call(who, "POST", path);

    EXPECT_EQ(approved.status, 200) << approved.body;
    EXPECT_EQ(text_of(item_of(approved), "status"), "opened");
    EXPECT_EQ(last_action(on), "event.approve");
    EXPECT_EQ(on.call(who, "POST", path).status, 409);
    EXPECT_EQ(on.call(who, "POST", events + "/" + test::missing_id + "/approve").status, 404);
    EXPECT_TRUE(json_of(on.call(who, "GET", events + "?state=pending")).at("items").as_array().empty());
}

TEST(alarms_api, all_waiting_events_are_approved_together)
{
    running_api on(gated());
    const actor who = on.sign_in("ada", "operator");
    for (const std::string text : {"no stock for the basket", "the payment provider is away", "a coupon expired"})
        on.call(who, "POST", events, event_text(text));

    const auto all = item_of(on.call(who, "POST", events + "/approve-all"));

    EXPECT_EQ(find_misfit(all, "EventsApproved"), "");
    EXPECT_EQ(all.at("approved").as_int64(), 3);
    EXPECT_FALSE(all.at("more").as_bool());
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/v1/incidents")).at("items").as_array().size(), 3U);
}

TEST(alarms_api, a_dismissal_drops_until_it_is_lifted)
{
    running_api on(gated());
    const actor who = on.sign_in("ada", "operator");
    const auto held = item_of(on.call(who, "POST", events, event_text("order 17 lost")));

    const auto dismissal = item_of(on.call(who, "POST", events + "/" + text_of(held, "event_id") + "/dismiss"));
    EXPECT_EQ(find_misfit(dismissal, "EventDismissal"), "");
    EXPECT_EQ(text_of(item_of(on.call(who, "POST", events, event_text("order 18 lost"))), "status"),
              "dismissed_signature");
    const auto list = json_of(on.call(who, "GET", events + "/dismissals")).at("items");
    ASSERT_EQ(list.as_array().size(), 1U);
    EXPECT_EQ(list.as_array()[0].at("dropped").as_int64(), 1);

    const std::string path = events + "/dismissals/" + text_of(dismissal, "id");
    EXPECT_EQ(on.call(who, "DELETE", path).status, 200);
    EXPECT_EQ(last_action(on), "event.lift_dismissal");
    EXPECT_EQ(on.call(who, "DELETE", path).status, 404);
    EXPECT_EQ(text_of(item_of(on.call(who, "POST", events, event_text("order 19 lost"))), "status"), "held");
}

TEST(alarms_api, stale_alarms_are_listed_and_the_report_adds_up)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    on.call(who, "POST", events, event_text("old", R"(,"occurred_at":"2020-01-01T00:00:00Z")"));
    on.call(who, "POST", events, event_text("no discount"));
    on.call(who, "POST", events, event_text("no discount"));

    const auto stale = json_of(on.call(who, "GET", "/api/v1/alarms?state=stale")).at("items");
    ASSERT_EQ(stale.as_array().size(), 1U);
    EXPECT_EQ(text_of(stale.as_array()[0], "description"), "old");
    EXPECT_EQ(on.call(who, "GET", "/api/v1/alarms?state=old").status, 400);
    const std::string accept = "/api/v1/alarms/" + text_of(stale.as_array()[0], "id") + "/accept";
    const auto report = item_of(on.call(who, "GET", "/api/v1/reports/dedup?days=1"));
    EXPECT_EQ(find_misfit(report, "DedupReport"), "");
    EXPECT_EQ(report.at("received").as_int64(), 3);
    EXPECT_EQ(report.at("placed").as_int64(), 2);
    EXPECT_EQ(report.at("states").at("stale").as_int64(), 1);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/reports/dedup?days=0").status, 400);

    EXPECT_EQ(on.call(on.sign_in("vera", "viewer"), "POST", accept).status, 403);
    const raw_answer accepted = on.call(who, "POST", accept);
    EXPECT_EQ(accepted.status, 200) << accepted.body;
    EXPECT_EQ(text_of(item_of(accepted), "status"), "opened");
    EXPECT_EQ(last_action(on), "alarm.accept");
    EXPECT_EQ(on.call(who, "POST", accept).status, 409);
    EXPECT_TRUE(json_of(on.call(who, "GET", "/api/v1/alarms?state=stale")).at("items").as_array().empty());
}

TEST(alarms_api, what_is_wanted_of_a_services_log_is_changed_in_parts)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string path = "/api/v1/poll/services/shop";

    const raw_answer set = on.call(who, "PUT", path, R"({"error_classes":["server_5xx"],"min_occurrences":3})");
    EXPECT_EQ(set.status, 200) << set.body;
    EXPECT_EQ(last_action(on), "service.polling");
    const auto off = item_of(on.call(who, "PUT", path, R"({"enabled":false})"));
    EXPECT_EQ(find_misfit(off, "ServicePolling"), "");
    EXPECT_FALSE(off.at("enabled").as_bool());
    EXPECT_EQ(off.at("min_occurrences").as_int64(), 3);
    for (const std::string body :
         {R"({"enabled":1})", R"({"error_classes":["all"]})", R"({"min_occurrences":0})", R"({"other":1})"})
        EXPECT_EQ(on.call(who, "PUT", path, body).status, 400) << body;
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/v1/poll/services")).at("items").as_array().size(), 1U);
}

}  // namespace
}  // namespace reprise::http
