#include "hook_reading.hpp"

#include <boost/json/parse.hpp>

namespace reprise::ingest {
namespace {

using model::alarm_state;
using store::hook_event_kind;
using test::at;
using test::label;
using test::only_alarm;

// Shortened from Sentry's documentation of issue alerts.
constexpr std::string_view sentry_event = R"({
  "action": "triggered", "actor": {"id": "sentry", "name": "Sentry", "type": "application"},
  "data": {"triggered_rule": "Very Important Alert Rule!", "event": {
    "event_id": "e4874d664c3540c1a32eab185f12c5ab", "issue_id": "1170820242", "title": "ReferenceError: heck is gone",
    "culprit": "checkout", "level": "error", "platform": "python", "environment": "production",
    "datetime": "2026-11-21T03:59:35.000000Z", "transaction": "/orders", "release": "1.4.2",
    "request": {"method": "POST", "url": "https://shop.test/orders"},
    "url": "https://sentry.io/api/0/projects/acme/front-end/events/e4874d664c3540c1a32eab185f12c5ab/",
    "web_url": "https://sentry.io/organizations/acme/issues/1170820242/events/e4874d664c3540c1a32eab185f12c5ab/",
    "issue_url": "https://sentry.io/api/0/issues/1170820242/",
    "exception": {"values": [
      {"type": "KeyError", "value": "'user'", "stacktrace": {"frames": []}},
      {"type": "ReferenceError", "value": "heck is gone", "stacktrace": {"frames": [
        {"function": "main", "filename": "app.py", "lineno": 10},
        {"function": "place", "module": "shop.orders", "filename": "orders.py", "lineno": 42}]}}]},
    "metadata": {"type": "ReferenceError", "value": "heck is gone"},
    "tags": [["level", "error"], ["service", "checkout"]]}}})";

TEST(hook_sentry, an_event_is_read_in_full)
{
    const auto alarm = only_alarm(test::read("sentry", "event_alert", sentry_event));

    EXPECT_EQ(alarm.event_key, "e4874d664c3540c1a32eab185f12c5ab");
    EXPECT_EQ(alarm.group_key, "issue/1170820242");
    EXPECT_EQ(alarm.service, "checkout");
    EXPECT_EQ(alarm.error_type, "ReferenceError");
    EXPECT_EQ(alarm.title, "ReferenceError: heck is gone");
    EXPECT_EQ(alarm.description, "heck is gone");
    EXPECT_EQ(alarm.route, "POST /orders");
    EXPECT_EQ(alarm.severity, model::severity::high);
    ASSERT_EQ(alarm.frames.size(), 2U);
    EXPECT_EQ(alarm.frames[0], "place (shop.orders:42)");
    EXPECT_EQ(alarm.frames[1], "main (app.py:10)");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T03:59:35Z"));
    EXPECT_EQ(label(alarm, "rule"), "Very Important Alert Rule!");
    EXPECT_EQ(label(alarm, "release"), "1.4.2");
}

TEST(hook_sentry, the_project_stands_in_for_a_service_without_a_name)
{
    std::string body(sentry_event);
    const std::string_view tag = R"(, ["service", "checkout"])";
    body.replace(body.find(tag), tag.size(), "");
    EXPECT_EQ(only_alarm(test::read("sentry", "event_alert", body)).service, "front-end");
}

TEST(hook_sentry, issues_begin_and_end)
{
    const auto issue = [](std::string_view action) {
        return test::read(
            "sentry", "issue",
            std::string(R"({"action":")").append(action).append(
                R"(","data":{"issue":{"id":"1170820242","title":"ReferenceError: heck","level":"error","shortId":"FE-1",
                "culprit":"checkout","metadata":{"type":"ReferenceError","value":"heck","function":"place",
                "filename":"orders.py"},"project":{"id":"1","slug":"front-end"},
                "firstSeen":"2026-11-21T03:59:35Z","lastSeen":"2026-11-21T04:59:35Z",
                "web_url":"https://sentry.io/organizations/acme/issues/1170820242/"}}})"
            )
        );
    };
    const auto created = only_alarm(issue("created"));

    EXPECT_EQ(created.state, alarm_state::firing);
    EXPECT_EQ(created.group_key, "issue/1170820242");
    EXPECT_EQ(created.service, "front-end");
    EXPECT_EQ(created.frames, std::vector<std::string>{"place (orders.py)"});
    EXPECT_EQ(created.occurred_ns, at("2026-11-21T03:59:35Z"));
    EXPECT_EQ(only_alarm(issue("resolved")).state, alarm_state::resolved);
    EXPECT_EQ(only_alarm(issue("unresolved")).state, alarm_state::firing);
    EXPECT_EQ(issue("assigned")->note, "ignored: an issue was assigned");
}

TEST(hook_sentry, metric_alerts_begin_and_end)
{
    const auto metric = [](std::string_view action) {
        return only_alarm(test::read(
            "sentry", "metric_alert",
            std::string(R"({"action":")").append(action).append(
                R"(","data":{"description_text":"1000 events in 10 minutes","description_title":"Too many errors",
                "metric_alert":{"id":"4","date_started":"2026-11-21T03:59:35Z","projects":["front-end"],
                "alert_rule":{"name":"Many errors","query":"level:error"}},"web_url":"https://sentry.io/a/4/"}})"
            )
        ));
    };

    EXPECT_EQ(metric("critical").severity, model::severity::critical);
    EXPECT_EQ(metric("critical").service, "front-end");
    EXPECT_EQ(metric("warning").state, alarm_state::firing);
    EXPECT_EQ(metric("resolved").state, alarm_state::resolved);
    EXPECT_EQ(metric("resolved").group_key, "metric/4");
}

TEST(hook_sentry, what_is_about_no_error_is_left_out)
{
    EXPECT_EQ(
        test::read("sentry", "installation", R"({"action":"created","data":{}})")->note,
        "ignored: installation is about no error"
    );
    EXPECT_TRUE(test::read("sentry", "event_alert", R"({"data":{}})").has_error());
    EXPECT_TRUE(test::read("sentry", "issue", R"({"action":"created","data":{"issue":{}}})").has_error());
}

TEST(hook_github, a_workflow_that_failed_is_an_alarm)
{
    const auto workflow = [](std::string_view conclusion) {
        return test::read(
            "github", "workflow_run",
            std::string(R"({"action":"completed","workflow_run":{"id":30433642,"name":"Build","run_attempt":2,
            "workflow_id":159038,"head_branch":"main","head_sha":"acb5820ced","event":"push","conclusion":")")
                .append(conclusion)
                .append(R"(","html_url":"https://github.com/acme/shop/actions/runs/30433642",
                "updated_at":"2026-11-21T03:59:35Z"},
                "repository":{"name":"shop","full_name":"acme/shop","html_url":"https://github.com/acme/shop"}})")
        );
    };
    const auto alarm = only_alarm(workflow("failure"));

    EXPECT_EQ(alarm.event_key, "workflow_run/30433642/2");
    EXPECT_EQ(alarm.group_key, "workflow/159038/acme/shop/main");
    EXPECT_EQ(alarm.service, "shop");
    EXPECT_EQ(alarm.error_type, "WORKFLOW_FAILED");
    EXPECT_EQ(alarm.title, "Workflow Build failed on main");
    EXPECT_EQ(alarm.link, "https://github.com/acme/shop/actions/runs/30433642");
    EXPECT_EQ(label(alarm, "commit"), "acb5820ced");
    EXPECT_EQ(only_alarm(workflow("timed_out")).error_type, "WORKFLOW_FAILED");
    EXPECT_TRUE(workflow("success")->alarms.empty());
    EXPECT_TRUE(workflow("cancelled")->alarms.empty());
}

TEST(hook_github, a_deployment_fails_or_is_told)
{
    const auto deployment = [](std::string_view state) {
        return test::read(
            "github", "deployment_status",
            std::string(R"({"action":"created","deployment_status":{"id":7,"environment":"production",
            "created_at":"2026-11-21T03:59:35Z","description":"exit 1","log_url":"https://ci.test/7","state":")")
                .append(state)
                .append(R"("},"deployment":{"id":3,"sha":"acb5820ced","ref":"main"},
                "repository":{"name":"shop","full_name":"acme/shop","html_url":"https://github.com/acme/shop"}})")
        );
    };
    const auto done = deployment("success");

    EXPECT_EQ(only_alarm(deployment("failure")).error_type, "DEPLOYMENT_FAILED");
    EXPECT_EQ(only_alarm(deployment("error")).event_key, "deployment_status/7");
    EXPECT_EQ(deployment("in_progress")->note, "ignored: the deployment is in_progress");
    ASSERT_EQ(done->events.size(), 1U);
    EXPECT_EQ(done->events[0].kind, hook_event_kind::deployed);
    EXPECT_EQ(done->events[0].subject, "https://github.com/acme/shop");
    EXPECT_EQ(boost::json::parse(done->events[0].detail).at("commit"), "acb5820ced");
}

TEST(hook_github, a_pull_request_that_is_closed_is_told)
{
    const auto pull = [](std::string_view action, bool is_merged) {
        return test::read(
            "github", "pull_request",
            std::string(R"({"action":")").append(action).append(R"(","pull_request":{"number":7,"merged":)")
                .append(is_merged ? "true" : "false")
                .append(R"(,"html_url":"https://github.com/acme/shop/pull/7","merge_commit_sha":"acb5820ced",
                "merged_at":"2026-11-21T03:59:35Z","closed_at":"2026-11-21T03:59:35Z","base":{"ref":"main"},
                "merged_by":{"login":"a[bot]","id":583231}},"repository":{"full_name":"acme/shop"}})")
        );
    };
    const auto merged = pull("closed", true);

    ASSERT_EQ(merged->events.size(), 1U);
    EXPECT_EQ(merged->events[0].kind, hook_event_kind::pull_request_merged);
    EXPECT_EQ(merged->events[0].subject, "https://github.com/acme/shop/pull/7");
    EXPECT_EQ(merged->events[0].at_ns, at("2026-11-21T03:59:35Z"));
    EXPECT_EQ(boost::json::parse(merged->events[0].detail).at("merged_by_id"), "583231");
    EXPECT_EQ(pull("closed", false)->events.at(0).kind, hook_event_kind::pull_request_closed);
    EXPECT_TRUE(pull("opened", false)->events.empty());
    EXPECT_EQ(test::read("github", "ping", R"({"zen":"Keep it simple."})")->note, "ignored: ping");
}

TEST(hook_gitlab, a_pipeline_that_failed_is_an_alarm)
{
    const auto pipeline = [](std::string_view status) {
        return test::read(
            "gitlab", "Pipeline Hook",
            std::string(R"({"object_kind":"pipeline","object_attributes":{"id":31,"ref":"main","sha":"bcbb5ec396",
            "source":"push","url":"https://gitlab.test/acme/shop/-/pipelines/31",
            "finished_at":"2026-11-21 03:59:35 UTC","status":")")
                .append(status)
                .append(R"("},"project":{"name":"shop","path_with_namespace":"acme/shop"},"builds":[
                {"stage":"test","name":"unit","status":"failed","allow_failure":false},
                {"stage":"test","name":"lint","status":"failed","allow_failure":true},
                {"stage":"deploy","name":"production","status":"skipped"}]})")
        );
    };
    const auto alarm = only_alarm(pipeline("failed"));

    EXPECT_EQ(alarm.event_key, "pipeline/31/2026-11-21 03:59:35 UTC");
    EXPECT_EQ(alarm.service, "shop");
    EXPECT_EQ(alarm.description, "Failed jobs: test/unit");
    EXPECT_EQ(alarm.occurred_ns, at("2026-11-21T03:59:35Z"));
    EXPECT_EQ(alarm.group_key, "pipeline/acme/shop/main");
    EXPECT_TRUE(pipeline("success")->alarms.empty());
}

TEST(hook_gitlab, a_merge_request_that_is_closed_is_told)
{
    const auto merged = test::read("gitlab", "Merge Request Hook", R"({"object_kind":"merge_request",
      "user":{"id":51},"project":{"path_with_namespace":"acme/shop"},
      "object_attributes":{"iid":16,"action":"merge","url":"https://gitlab.test/acme/shop/-/merge_requests/16",
      "target_branch":"main","merge_commit_sha":"bcbb5ec396","updated_at":"2026-11-21T03:59:35Z"}})");

    ASSERT_TRUE(merged.has_value());
    EXPECT_EQ(merged->events.at(0).kind, hook_event_kind::pull_request_merged);
    EXPECT_EQ(merged->events.at(0).subject, "https://gitlab.test/acme/shop/-/merge_requests/16");
    EXPECT_EQ(test::read("gitlab", "Push Hook", R"({"object_kind":"push"})")->note, "ignored: push");
}

}  // namespace
}  // namespace reprise::ingest
