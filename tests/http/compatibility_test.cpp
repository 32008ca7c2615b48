#include "seeds.hpp"

#include "../../server/http/agent_platform_view.hpp"
#include "../../server/http/sentinel_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

const std::string platform = "/compat/agent-platform";

std::string text_of(const boost::json::value& item, std::string_view name)
{
    return std::string(item.at(name).as_string());
}

std::string id_of(running_api& on, const actor& who, const std::string& description)
{
    const std::string body = R"({"service":"shop","error_type":"TypeError","description":")" + description + "\"}";
    return text_of(json_of(on.call(who, "POST", "/api/v1/events", body)).at("item"), "incident_id");
}

TEST(sentinel, every_status_has_a_word_and_every_word_a_status)
{
    using enum model::incident_status;
    for (const auto status : {detected, reproducing, reproduced, diagnosing, diagnosed, fixing, submitted, resolved,
                              needs_human, wontfix, noise, duplicate, rejected}) {
        const auto back = statuses_of_sentinel(sentinel_status(status));
        EXPECT_NE(std::find(back.begin(), back.end(), status), back.end()) << model::to_text(status);
    }
    EXPECT_EQ(statuses_of_sentinel("wontfix").size(), 4U);
    EXPECT_TRUE(statuses_of_sentinel("reproduced").empty());
}

TEST(sentinel, incidents_have_its_names_and_page_by_offset)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string first = id_of(on, who, "no discount for the basket");
    on.time().advance_ns(ns_per_s);
    const std::string second = id_of(on, who, "payment provider is away");

    const auto all = json_of(on.call(who, "GET", "/api/incidents")).at("incidents");
    ASSERT_EQ(all.as_array().size(), 2U);
    const auto& newest = all.as_array()[0];
    EXPECT_EQ(text_of(newest, "id"), second);
    EXPECT_EQ(text_of(newest, "service_name"), "shop");
    EXPECT_EQ(text_of(newest, "status"), "detected");
    EXPECT_EQ(text_of(newest, "error_class"), "unhandled_exception");
    EXPECT_EQ(text_of(newest, "error_message"), "payment provider is away");
    EXPECT_EQ(newest.at("occurrence_count").as_int64(), 1);
    EXPECT_EQ(text_of(newest, "fingerprint").size(), 64U);
    for (const auto* name : {"trigger_route", "first_seen", "last_seen", "repo_url"})
        EXPECT_TRUE(newest.as_object().contains(name)) << name;
    EXPECT_EQ(newest.as_object().size(), 11U);

    const auto next = json_of(on.call(who, "GET", "/api/v1/incidents?vocab=sentinel&limit=1&offset=1")).at("incidents");
    ASSERT_EQ(next.as_array().size(), 1U);
    EXPECT_EQ(text_of(next.as_array()[0], "id"), first);
    EXPECT_EQ(on.call(who, "GET", "/api/incidents?status=reproduced").status, 400);
    EXPECT_EQ(on.call(who, "GET", "/api/incidents?limit=0").status, 400);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/incidents?offset=1").status, 400);
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/incidents?service=other")).at("incidents").as_array().size(), 0U);
}

TEST(sentinel, retry_and_skip_answer_with_its_words)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string path = "/api/incidents/" + id_of(on, who, "no discount");

    const raw_answer skipped = on.call(who, "POST", path + "/skip");
    EXPECT_EQ(skipped.status, 200) << skipped.body;
    EXPECT_EQ(skipped.body, R"({"ok":true,"status":"wontfix"})");
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/incidents?status=wontfix")).at("incidents").as_array().size(), 1U);
    EXPECT_EQ(on.call(who, "POST", path + "/skip").status, 409);
    EXPECT_EQ(on.call(who, "POST", path + "/retry").body, R"({"ok":true,"status":"detected"})");
    EXPECT_EQ(on.call(on.sign_in("vera", "viewer"), "POST", path + "/skip").status, 403);
    EXPECT_EQ(on.call(who, "POST", path + "/skip", {}, "X-CSRF-Token: wrong\r\n").status, 403);
}

TEST(sentinel, one_incident_comes_with_its_artifacts)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);

    const auto body = json_of(on.call(who, "GET", "/api/incidents/" + all.incident.id));

    EXPECT_EQ(text_of(body.at("incident"), "status"), "test_generated");
    EXPECT_EQ(text_of(body.at("incident"), "trigger_route"), "POST /orders");
    EXPECT_FALSE(body.at("artifacts").as_array().empty());
    EXPECT_EQ(text_of(body.at("artifacts").as_array()[0], "artifact_type"), "sample_event");
    EXPECT_EQ(on.call(who, "GET", "/api/incidents/" + test::missing_id).status, 404);
}

TEST(sentinel, a_services_settings_are_read_and_written)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string path = "/api/config/services/checkout";
    const auto before = json_of(on.call(who, "GET", path));
    EXPECT_TRUE(before.at("enabled").as_bool());
    EXPECT_EQ(before.at("pollIntervalMs").as_int64(), 30'000);
    EXPECT_EQ(text_of(before, "repoBranch"), "main");

    const raw_answer put = on.call(who, "PUT", path, R"({"serviceName":"checkout","repoUrl":"https://git.test/x",
        "repoBranch":"trunk","pollIntervalMs":60000,"enabled":false,"errorClassFilter":["server_5xx"],
        "minOccurrences":3})");

    EXPECT_EQ(put.body, R"({"ok":true})");
    const auto after = json_of(on.call(who, "GET", path));
    EXPECT_EQ(text_of(after, "repoUrl"), "https://git.test/x");
    EXPECT_EQ(text_of(after, "repoBranch"), "trunk");
    EXPECT_FALSE(after.at("enabled").as_bool());
    EXPECT_EQ(after.at("minOccurrences").as_int64(), 3);
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/config/services")).at("services").as_array().size(), 1U);
    EXPECT_EQ(on.call(who, "PUT", path, R"({"pollIntervalMs":5})").status, 400);
    EXPECT_EQ(on.call(who, "GET", "/api/config/services/nobody").status, 404);
}

TEST(sentinel, health_and_statistics)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    id_of(on, who, "no discount");

    const auto health = json_of(on.call(who, "GET", "/api/health"));
    EXPECT_EQ(text_of(health, "status"), "ok");
    EXPECT_TRUE(health.as_object().contains("startedAt"));
    EXPECT_EQ(on.call(who, "GET", "/api/stats").body, R"({"stats":[{"status":"detected","count":1}]})");
    EXPECT_EQ(on.call({}, "GET", "/api/stats").status, 401);
}

struct status_case {
    model::incident_status status;
    std::string phase;
    std::string reason;
    std::string word;
};

TEST(agent_platform, statuses_come_from_status_phase_and_reason)
{
    using enum model::incident_status;
    const std::array cases = {
        status_case{detected, "queued", "", "open"},
        status_case{detected, "pending_event", "", "open"},
        status_case{detected, "classifying", "", "triaging"},
        status_case{reproducing, "running", "", "triaging"},
        status_case{reproduced, "awaiting_approval", "", "awaiting_approval"},
        status_case{diagnosing, "grounding", "", "diagnosing"},
        status_case{diagnosed, "planned", "", "diagnosing"},
        status_case{fixing, "attempt", "", "fixing"},
        status_case{fixing, "self_review", "", "reviewing"},
        status_case{fixing, "awaiting_approval", "", "awaiting_fix_approval"},
        status_case{submitted, "pr_open", "", "awaiting_approval"},
        status_case{resolved, "", "", "resolved"},
        status_case{needs_human, "", "fix_exhausted", "fix_failed"},
        status_case{needs_human, "", "verify_failed", "verification_failed"},
        status_case{needs_human, "", "no_target", "awaiting_approval"},
        status_case{noise, "", "", "noise"},
        status_case{duplicate, "", "", "duplicate"},
        status_case{wontfix, "", "", "rejected"},
        status_case{rejected, "", "", "rejected"},
    };
    for (const status_case& one : cases) {
        model::incident incident;
        incident.status = one.status;
        incident.phase = one.phase;
        incident.reason = one.reason;
        EXPECT_EQ(platform_status(incident), one.word) << model::to_text(one.status) << one.phase << one.reason;
    }
}

TEST(agent_platform, an_event_is_triggered_listed_restarted_and_resolved)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");

    const auto queued = json_of(on.call(who, "POST", platform + "/incidents/trigger",
                                        R"({"title":"Boom","description":"no discount","service":"shop",
                                            "source":"cloudwatch","metadata":{"n":1}})"));
    EXPECT_EQ(text_of(queued, "status"), "queued");
    EXPECT_EQ(text_of(queued, "title"), "Boom");
    const auto list = json_of(on.call(who, "GET", platform + "/incidents"));
    ASSERT_EQ(list.as_array().size(), 1U);
    const auto& incident = list.as_array()[0];
    EXPECT_EQ(text_of(incident, "status"), "open");
    EXPECT_EQ(text_of(incident, "severity"), "P2");
    EXPECT_EQ(text_of(incident, "error_type"), "UNHANDLED_EXCEPTION");
    EXPECT_EQ(json_of(on.call(who, "GET", platform + "/incidents/active")).as_array().size(), 1U);

    const std::string path = platform + "/incidents/" + text_of(incident, "id");
    const auto resolved = json_of(on.call(who, "POST", path + "/resolve"));
    EXPECT_EQ(text_of(resolved, "status"), "resolved");
    EXPECT_EQ(text_of(resolved, "outcome"), "manually_resolved");
    EXPECT_TRUE(json_of(on.call(who, "GET", platform + "/incidents/active")).as_array().empty());
    const auto metrics = json_of(on.call(who, "GET", platform + "/incidents/metrics"));
    EXPECT_EQ(metrics.at("total").as_int64(), 1);
    EXPECT_EQ(metrics.at("by_status").at("resolved").as_int64(), 1);
    EXPECT_EQ(on.call(who, "POST", path + "/restart").status, 409);
    EXPECT_EQ(on.call(who, "GET", platform + "/incidents/" + test::missing_id).status, 404);
}

TEST(agent_platform, an_approval_is_read_and_refused_by_whoever_is_signed_in)
{
    running_api on;
    const seeded all = seed(on);
    const actor who = on.sign_in("ada", "approver");
    const std::string path = platform + "/approvals/" + all.approval.id;

    const auto pending = json_of(on.call(who, "GET", platform + "/approvals/pending"));
    ASSERT_EQ(pending.as_array().size(), 1U);
    EXPECT_EQ(text_of(pending.as_array()[0], "status"), "pending");
    EXPECT_EQ(text_of(pending.as_array()[0].at("parameters"), "incident_id"), all.incident.id);
    EXPECT_EQ(on.call(who, "POST", path + "/approve", R"({"approver":"ada"})").status, 400);
    EXPECT_EQ(on.call(who, "POST", path + "/reject", R"({"approver":"bob","reason":"no"})").status, 403);
    EXPECT_EQ(on.call(who, "POST", path + "/reject", R"({"approver":"ada"})").status, 422);

    const raw_answer refused = on.call(who, "POST", path + "/reject", R"({"approver":"ada","reason":"wrong number"})");

    ASSERT_EQ(refused.status, 200) << refused.body;
    EXPECT_EQ(text_of(json_of(refused), "status"), "rejected");
    EXPECT_EQ(text_of(json_of(refused), "decided_by"), "ada");
    EXPECT_EQ(text_of(json_of(refused), "rejection_reason"), "wrong number");
    EXPECT_EQ(on.call(who, "POST", path + "/reject", R"({"reason":"again"})").status, 409);
    EXPECT_TRUE(json_of(on.call(who, "GET", platform + "/approvals/pending")).as_array().empty());
    EXPECT_EQ(json_of(on.call(who, "GET", platform + "/approvals")).as_array().size(), 1U);
}

}  // namespace
}  // namespace reprise::http
