#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

std::string decision(const seeded& all, const std::string& more = {})
{
    return R"({"content_hash":")" + all.approval.content_hash + "\"" + more + "}";
}

std::string approval_path(const seeded& all, const std::string& verb = "approve")
{
    return "/api/v1/approvals/" + all.approval.id + "/" + verb;
}

TEST(changes, a_service_is_changed_by_version)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string path = "/api/v1/services/checkout";
    const std::string body = R"({"replay_target":"http://127.0.0.1:3000","owner":"team a"})";

    EXPECT_EQ(on.call(who, "PUT", path, body).status, 428);
    EXPECT_EQ(on.call(who, "PUT", path, body, "If-Match: seven\r\n").status, 400);
    const raw_answer changed = on.call(who, "PUT", path, body, "If-Match: \"1\"\r\n");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.header("etag"), "\"2\"");
    EXPECT_EQ(json_of(changed).at("item").at("owner").as_string(), "team a");

    const raw_answer stale = on.call(who, "PUT", path, body, "If-Match: \"1\"\r\n");
    EXPECT_EQ(stale.status, 412);
    EXPECT_EQ(code_of(stale), "stale");
    EXPECT_EQ(on.call(who, "PUT", "/api/v1/services/other", body, "If-Match: \"1\"\r\n").status, 404);
}

TEST(changes, a_target_that_is_not_allowed_is_refused)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    for (const std::string target : {"http://127.0.0.1:3001", "http://169.254.169.254", "ftp://x", "nonsense"}) {
        const raw_answer answer = on.call(
            who, "PUT", "/api/v1/services/checkout", R"({"replay_target":")" + target + "\"}", "If-Match: \"1\"\r\n"
        );
        EXPECT_EQ(answer.status, 422) << target;
        EXPECT_EQ(code_of(answer), "refused") << target;
    }
}

TEST(changes, a_service_has_a_last_good_target_beside_its_target)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string path = "/api/v1/services/checkout";
    const auto put = [&](const std::string& body, const std::string& version) {
        return on.call(who, "PUT", path, body, "If-Match: \"" + version + "\"\r\n");
    };

    const std::string both =
        R"({"replay_target":"http://127.0.0.1:3000","replay_last_good_target":"http://127.0.0.1:3000/before"})";
    const raw_answer set = put(both, "1");
    EXPECT_EQ(set.status, 200) << set.body;
    const auto shown = json_of(on.call(who, "GET", path)).at("item");
    EXPECT_EQ(shown.at("replay_last_good_target").as_string(), "http://127.0.0.1:3000/before");
    EXPECT_EQ(shown.at("replay_target").as_string(), "http://127.0.0.1:3000");
    const auto rows = on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 100); });
    ASSERT_TRUE(rows);
    EXPECT_NE(rows->back().entry.detail.find(R"("replay_last_good_target":"http://127.0.0.1:3000/before")"),
              std::string::npos);

    const raw_answer cleared = put(R"({"replay_target":"http://127.0.0.1:3000"})", "2");
    EXPECT_EQ(json_of(cleared).at("item").at("replay_last_good_target").as_string(), "");
}

TEST(changes, a_last_good_target_must_be_allowed_and_another_one)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const auto refuse = [&](const std::string& last_good) {
        const std::string body =
            R"({"replay_target":"http://127.0.0.1:3000","replay_last_good_target":")" + last_good + "\"}";
        const raw_answer answer = on.call(who, "PUT", "/api/v1/services/checkout", body, "If-Match: \"1\"\r\n");
        EXPECT_EQ(answer.status, 422) << last_good;
        return std::string(json_of(answer).at("detail").as_string());
    };

    for (const std::string target : {"http://127.0.0.1:3001", "http://169.254.169.254", "ftp://x", "nonsense"})
        EXPECT_TRUE(refuse(target).starts_with("replay_last_good_target: ")) << target;
    EXPECT_TRUE(refuse("HTTP://127.0.0.1:3000/").starts_with("replay_last_good_target is the replay target itself"));
}

TEST(changes, a_deployment_is_told_once_and_shown_with_its_service)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string path = "/api/v1/deployments";
    const std::string body = R"({"service":"checkout","version":"2.4.1","time":"2023-11-14T22:13:20Z"})";

    const raw_answer told = on.call(who, "POST", path, body);
    EXPECT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(json_of(told).at("item").at("at").as_string(), "2023-11-14T22:13:20.000Z");
    const raw_answer again = on.call(who, "POST", path, body);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "known_deployment");
    // Without a time it is now.
    EXPECT_EQ(on.call(who, "POST", path, R"({"service":"checkout","version":"2.4.2"})").status, 200);

    const auto service = json_of(on.call(who, "GET", "/api/v1/services/checkout")).at("item");
    ASSERT_EQ(service.at("deployments").as_array().size(), 2U);
    EXPECT_EQ(service.at("deployments").at(0).at("version").as_string(), "2.4.2");
    EXPECT_EQ(service.at("deployments").at(1).at("origin").as_string(), "reported");
}

TEST(changes, a_deployment_that_says_too_little_is_refused)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    const std::string path = "/api/v1/deployments";
    for (const std::string body : {
             R"({"service":"checkout"})", R"({"version":"1"})", R"({"service":"checkout","version":"a\u0007b"})",
             R"({"service":"checkout","version":"1","time":"yesterday"})",
             R"({"service":"checkout","version":"1","time":"2261-01-01T00:00:00Z"})"}) {
        EXPECT_EQ(on.call(who, "POST", path, body).status, 400) << body;
    }
    EXPECT_EQ(on.call(who, "POST", path, R"({"service":"nobody","version":"1"})").status, 404);
    const actor reader = on.sign_in("bob", "viewer");
    EXPECT_EQ(on.call(reader, "POST", path, R"({"service":"checkout","version":"1"})").status, 403);
}

TEST(changes, an_incident_is_acted_on_by_version_and_by_its_machine)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const std::string path = "/api/v1/incidents/" + all.incident.id;

    EXPECT_EQ(on.call(who, "POST", path + "/resolve", "{}", "If-Match: \"9\"\r\n").status, 412);
    const raw_answer done = on.call(who, "POST", path + "/resolve", R"({"comment":"fixed"})", "If-Match: \"1\"\r\n");
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(find_misfit(json_of(done).at("item"), "Incident"), "");
    EXPECT_EQ(json_of(done).at("item").at("status").as_string(), "resolved");

    const raw_answer again = on.call(who, "POST", path + "/resolve", "{}");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "illegal_transition");
}

TEST(changes, a_run_is_cancelled_by_version)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const std::string path = "/api/v1/runs/" + all.run.id + "/cancel";

    EXPECT_EQ(on.call(who, "POST", path, "{}", "If-Match: \"77\"\r\n").status, 412);
    const raw_answer done = on.call(who, "POST", path, "{}");
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(json_of(done).at("item").at("state").as_string(), "cancelled");
    EXPECT_EQ(on.call(who, "POST", path, "{}").status, 409);
}

TEST(changes, an_approver_releases_what_they_saw)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    const seeded all = seed(on);

    const raw_answer done = on.call(who, "POST", approval_path(all), decision(all));

    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(find_misfit(json_of(done).at("item"), "Approval"), "");
    EXPECT_EQ(json_of(done).at("item").at("state").as_string(), "approved");
    const auto rows = on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 10); });
    ASSERT_FALSE(rows.value().empty());
    EXPECT_EQ(rows.value().back().entry.actor, "user:ada");
    EXPECT_FALSE(rows.value().back().entry.request_id.empty());
}

struct bypass_case {
    std::string name;
    std::string verb;
    std::string body;  // HASH becomes the right one.
    int status;
    std::string code;
};

class approval_bypass : public testing::TestWithParam<bypass_case> {};

TEST_P(approval_bypass, is_refused_and_changes_nothing)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    const seeded all = seed(on, model::risk::critical);
    std::string body = GetParam().body;
    if (const auto at = body.find("HASH"); at != std::string::npos)
        body.replace(at, 4, all.approval.content_hash);

    const raw_answer answer = on.call(who, "POST", approval_path(all, GetParam().verb), body);

    EXPECT_EQ(answer.status, GetParam().status) << answer.body;
    EXPECT_EQ(code_of(answer), GetParam().code);
    const auto now = json_of(on.call(who, "GET", "/api/v1/approvals/" + all.approval.id)).at("item");
    EXPECT_EQ(now.at("state").as_string(), "pending");
    EXPECT_EQ(now.at("decisions").as_array().size(), 0U);
}

const std::string wrong_hash = std::string(64, '0');

INSTANTIATE_TEST_SUITE_P(
    cases, approval_bypass,
    testing::Values(
        bypass_case{"no_body", "approve", "", 400, "bad_request"},
        bypass_case{"no_hash", "approve", "{}", 400, "bad_request"},
        bypass_case{"other_hash", "approve", R"({"content_hash":")" + wrong_hash + "\"}", 409, "hash_mismatch"},
        bypass_case{"no_confirmation", "approve", R"({"content_hash":"HASH"})", 422, "confirmation_required"},
        bypass_case{
            "wrong_confirmation", "approve", R"({"content_hash":"HASH","confirm":"00000000"})", 422,
            "confirmation_required"},
        bypass_case{"reject_without_comment", "reject", R"({"content_hash":"HASH"})", 422, "comment_required"},
        bypass_case{
            "blank_comment", "reject", R"({"content_hash":"HASH","comment":"  "})", 422, "comment_required"},
        bypass_case{
            "changes_without_comment", "request-changes", R"({"content_hash":"HASH"})", 422, "comment_required"},
        bypass_case{"person_in_body", "approve", R"({"content_hash":"HASH","user":"bo"})", 400, "bad_request"},
        bypass_case{"auth_in_body", "approve", R"({"content_hash":"HASH","auth":"session"})", 400, "bad_request"},
        bypass_case{"hash_is_no_text", "approve", R"({"content_hash":["HASH"]})", 400, "bad_request"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(approvals, critical_needs_two_people_and_not_the_starter)
{
    running_api on;
    const actor starter = on.sign_in("ada", "approver,operator");
    const actor second = on.sign_in("bo", "approver");
    const actor third = on.sign_in("cy", "approver");
    const seeded all = seed(on, model::risk::critical, "user:ada");
    const std::string confirmed = decision(all, R"(,"confirm":")" + all.approval.content_hash.substr(0, 8) + "\"");

    EXPECT_EQ(code_of(on.call(starter, "POST", approval_path(all), confirmed)), "self_review");
    const raw_answer one = on.call(second, "POST", approval_path(all), confirmed);
    ASSERT_EQ(one.status, 200) << one.body;
    EXPECT_EQ(json_of(one).at("item").at("state").as_string(), "pending");
    EXPECT_EQ(code_of(on.call(second, "POST", approval_path(all), confirmed)), "same_person");
    const raw_answer two = on.call(third, "POST", approval_path(all), confirmed);
    ASSERT_EQ(two.status, 200) << two.body;
    EXPECT_EQ(json_of(two).at("item").at("state").as_string(), "approved");
}

TEST(approvals, the_second_decision_and_the_late_one_are_409)
{
    running_api on;
    const actor first = on.sign_in("ada", "approver");
    const actor second = on.sign_in("bo", "approver");
    const seeded all = seed(on);
    const seeded late = seed(on);

    EXPECT_EQ(on.call(first, "POST", approval_path(all), decision(all)).status, 200);
    const raw_answer again = on.call(second, "POST", approval_path(all, "stop"), decision(all), "If-Match: \"1\"\r\n");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "already_decided");

    on.time().advance_ns(7 * 3600 * ns_per_s);
    EXPECT_EQ(on.call(second, "GET", "/api/v1/me").status, 200);
    on.time().advance_ns(7 * 3600 * ns_per_s);
    EXPECT_EQ(on.call(second, "GET", "/api/v1/me").status, 200);
    on.time().advance_ns(7 * 3600 * ns_per_s);
    const actor fresh = on.sign_in("cy", "approver");
    on.time().advance_ns(4 * 3600 * ns_per_s);
    const raw_answer expired = on.call(fresh, "POST", approval_path(late), decision(late));
    EXPECT_EQ(expired.status, 409);
    EXPECT_EQ(code_of(expired), "expired");
}

TEST(approvals, a_stale_view_of_a_pending_one_is_412)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    const seeded all = seed(on);
    EXPECT_EQ(on.call(who, "POST", approval_path(all), decision(all), "If-Match: \"9\"\r\n").status, 412);
}

TEST(approvals, the_detail_says_who_may_decide_and_what_exactly)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    on.sign_in("bo", "viewer");
    const seeded all = seed(on);

    const auto item = json_of(on.call(who, "GET", "/api/v1/approvals/" + all.approval.id)).at("item");

    EXPECT_EQ(sha256_hex(item.at("content_json").as_string()), all.approval.content_hash);
    EXPECT_EQ(item.at("content").at("title").as_string(), "POST /orders fails");
    ASSERT_EQ(item.at("deciders").as_array().size(), 2U);
    EXPECT_TRUE(item.at("deciders").at(0).at("may_decide").as_bool());
    EXPECT_TRUE(item.at("deciders").at(0).at("is_me").as_bool());
    EXPECT_FALSE(item.at("deciders").at(1).at("may_decide").as_bool());
}

TEST(idempotency, the_same_request_is_carried_out_once)
{
    running_api on;
    const actor who = on.sign_in("ada", "admin");
    const std::string body = R"({"name":"bo","roles":["viewer"]})";
    const std::string key = "Idempotency-Key: 0123456789abcdef\r\n";

    const raw_answer first = on.call(who, "POST", "/api/v1/users", body, key);
    const raw_answer second = on.call(who, "POST", "/api/v1/users", body, key);

    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("idempotency-replayed"), "true");
    EXPECT_EQ(json_of(on.call(who, "GET", "/api/v1/users")).at("items").as_array().size(), 2U);
}

TEST(idempotency, refusals_are_repeated_too)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    const seeded all = seed(on);
    const std::string key = "Idempotency-Key: k\r\n";

    EXPECT_EQ(on.call(who, "POST", approval_path(all, "reject"), decision(all), key).status, 422);
    EXPECT_EQ(on.call(who, "POST", approval_path(all, "reject"), decision(all), key).status, 422);
    const std::string with_comment = decision(all, R"(,"comment":"no")");
    const raw_answer mismatch = on.call(who, "POST", approval_path(all, "reject"), with_comment, key);
    EXPECT_EQ(mismatch.status, 409);
    EXPECT_EQ(code_of(mismatch), "idempotency_mismatch");
}

TEST(idempotency, keys_of_different_people_and_paths_do_not_meet)
{
    running_api on;
    const actor first = on.sign_in("ada", "admin");
    const actor second = on.sign_in("bo", "admin");
    const std::string key = "Idempotency-Key: same\r\n";
    const auto add = [&](const actor& who, const std::string& name) {
        return on.call(who, "POST", "/api/v1/users", R"({"name":")" + name + R"(","roles":["viewer"]})", key).status;
    };

    EXPECT_EQ(add(first, "cy"), 200);
    EXPECT_EQ(add(second, "di"), 200);
    EXPECT_EQ(on.call(first, "POST", "/api/v1/users/" + second.person.id + "/link", "{}", key).status, 200);
}

TEST(idempotency, malformed_keys_are_refused)
{
    running_api on;
    const actor who = on.sign_in("ada", "admin");
    const auto status = [&](const std::string& key) {
        const std::string header = "Idempotency-Key: " + key + "\r\n";
        return on.call(who, "POST", "/api/v1/users", R"({"name":"bo","roles":["viewer"]})", header).status;
    };
    EXPECT_EQ(status("a b"), 400);
    EXPECT_EQ(status(std::string(129, 'k')), 400);
}

}  // namespace
}  // namespace reprise::http
