#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/runs/notice.hpp"
#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

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

test::api_options with_links()
{
    test::api_options options;
    options.change = [](api_config& config) {
        config.link_key = "a key for signing links in tests";
        config.takes_target = [](std::string_view target) {
            return target == "file:tickets" || target == "jira:OPS" || target == "github:acme/checkout";
        };
    };
    return options;
}

std::string decision(const seeded& all, const std::string& more = {})
{
    return R"({"content_hash":")" + all.approval.content_hash + "\"" + more + "}";
}

std::string path_of(const seeded& all, const std::string& rest)
{
    return "/api/v1/approvals/" + all.approval.id + "/" + rest;
}

std::string confirm_of(const seeded& all)
{
    return R"(,"confirm":")" + all.approval.content_hash.substr(0, 8) + "\"";
}

// Content that can be edited, as the gate writes it.
seeded seed_ticket(running_api& on, model::risk risk = model::risk::high)
{
    const seeded all = seed(on, risk);
    on.write([&](store::transaction& tx) -> result<void> {
        auto approval = *store::find_approval(tx, all.approval.id).value();
        approval.content = R"({"action":"ticket","body":"text","evidence":null,"generation":1,"incident":")" +
                           all.incident.id + R"(","risk":"high","risk_reasons":[],"run":")" + all.run.id +
                           R"(","target":"file:tickets","title":"POST /orders fails"})";
        approval.content_hash = sha256_hex(approval.content);
        return store::save_approval(tx, approval, approval.version, on.time().now_ns());
    }).value();
    seeded now = all;
    now.approval =
        on.store().read_blocking([&](store::reader& from) { return store::find_approval(from, all.approval.id); })
            .value()
            .value();
    return now;
}

TEST(gate, two_decisions_at_once_over_two_connections_are_one_and_a_409)
{
    running_api on;
    constexpr int rounds = 8;
    for (int round = 0; round < rounds; ++round) {
        const seeded all = seed(on);
        const std::string suffix = std::to_string(round);
        const actor first = on.sign_in("ada " + suffix, "approver");
        const actor second = on.sign_in("bo " + suffix, "approver");
        std::array<int, 2> status{};
        std::array<std::string, 2> code;
        std::latch ready(2);
        const auto decide = [&](std::size_t i, const actor& who, const std::string& verb) {
            ready.arrive_and_wait();
            const raw_answer answer = on.call(who, "POST", path_of(all, verb), decision(all, R"(,"comment":"c")"));
            status.at(i) = answer.status;
            code.at(i) = answer.status == 200 ? "" : code_of(answer);
        };
        std::thread one(decide, 0, std::cref(first), "approve");
        std::thread two(decide, 1, std::cref(second), "reject");
        one.join();
        two.join();

        EXPECT_EQ(status[0] + status[1], 200 + 409) << status[0] << " " << status[1];
        EXPECT_EQ(code[0] + code[1], "already_decided");
        const auto item = json_of(on.call(first, "GET", "/api/v1/approvals/" + all.approval.id)).at("item");
        EXPECT_EQ(item.at("decisions").as_array().size(), 1U);
    }
}

TEST(gate, critical_needs_a_fresh_sign_in_and_says_so)
{
    running_api on;
    const actor who = on.sign_in("ada", "approver");
    const seeded all = seed(on, model::risk::critical);
    const std::string detail = "/api/v1/approvals/" + all.approval.id;
    EXPECT_FALSE(json_of(on.call(who, "GET", detail)).at("item").at("reauthenticate").as_bool());

    on.time().advance_ns(11 * 60 * ns_per_s);
    EXPECT_TRUE(json_of(on.call(who, "GET", detail)).at("item").at("reauthenticate").as_bool());
    const raw_answer refused = on.call(who, "POST", path_of(all, "approve"), decision(all, confirm_of(all)));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(code_of(refused), "reauthentication_required");
    EXPECT_NE(json_of(refused).at("detail").as_string().find("sign in again"), std::string::npos);

    const actor again = on.sign_in("bo", "approver");
    EXPECT_EQ(on.call(again, "POST", path_of(all, "approve"), decision(all, confirm_of(all))).status, 200);
    EXPECT_EQ(on.call(who, "POST", path_of(all, "reject"), decision(all, R"(,"comment":"no")")).status, 200);
}

TEST(gate, my_page_has_what_i_may_decide_and_why_i_may_not)
{
    running_api on;
    const actor ada = on.sign_in("ada", "approver");
    const actor vera = on.sign_in("vera", "viewer");
    const seeded free = seed(on);
    const seeded own = seed(on, model::risk::critical, "user:ada");
    const seeded decided = seed(on);
    ASSERT_EQ(on.call(ada, "POST", path_of(decided, "approve"), decision(decided)).status, 200);

    const auto page = json_of(on.call(ada, "GET", "/api/v1/approvals?state=pending&mine=true"));
    const auto& items = page.at("items").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(find_misfit(items[0], "Approval"), "");
    EXPECT_EQ(items[0].at("id").as_string(), own.approval.id);
    EXPECT_FALSE(items[0].at("may_decide").as_bool());
    EXPECT_EQ(items[0].at("why_not").as_string(), "started this run");
    EXPECT_EQ(items[1].at("id").as_string(), free.approval.id);
    EXPECT_TRUE(items[1].at("may_decide").as_bool());

    const auto theirs = json_of(on.call(vera, "GET", "/api/v1/approvals?mine=true")).at("items").as_array();
    ASSERT_EQ(theirs.size(), 2U);
    EXPECT_EQ(theirs[0].at("why_not").as_string(), "role viewer");
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/approvals?mine=perhaps").status, 400);
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/approvals?mine=true&state=executed").status, 400);
}

// ------------------------------------------------------------------ links

struct link_case {
    std::string token;
    std::string path;
};

link_case make_link(running_api& on, const actor& by, const seeded& all, const std::string& user)
{
    const raw_answer made = on.call(by, "POST", path_of(all, "links"), R"({"user":")" + user + "\"}");
    EXPECT_EQ(made.status, 200) << made.body;
    const auto item = json_of(made).at("item");
    EXPECT_EQ(find_misfit(item, "MadeApprovalLink"), "");
    const std::string token(item.at("token").as_string());
    EXPECT_EQ(item.at("link").as_string(), on.origin() + "/approvals/" + all.approval.id + "#link=" + token);
    return {token, "/api/v1/approvals/link/" + token};
}

TEST(links, looking_is_harmless_for_anybody_and_a_post_decides_once)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    const actor ada = on.sign_in("ada", "approver");
    const seeded all = seed(on);
    const link_case link = make_link(on, op, all, "ada");

    for (int i = 0; i < 3; ++i) {
        const raw_answer preview = on.raw("GET", link.path, "");
        ASSERT_EQ(preview.status, 200);
        EXPECT_EQ(find_misfit(json_of(preview).at("item"), "ApprovalLink"), "");
        EXPECT_EQ(json_of(preview).at("item").at("state").as_string(), "open");
        EXPECT_EQ(preview.body.find("POST /orders"), std::string::npos) << "nothing of the content";
    }
    const std::string body = decision(all, R"(,"decision":"approve")");
    const raw_answer nobody = on.raw("POST", link.path, "Content-Type: application/json\r\n", body);
    EXPECT_EQ(nobody.status, 401);
    const raw_answer done = on.call(ada, "POST", link.path, body);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(json_of(done).at("item").at("state").as_string(), "approved");
    const raw_answer again = on.call(ada, "POST", link.path, body);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "link_used");
    EXPECT_EQ(json_of(on.raw("GET", link.path, "")).at("item").at("state").as_string(), "used");
}

TEST(links, work_for_their_person_and_within_the_approval_s_clock)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    on.sign_in("ada", "approver");
    const actor bo = on.sign_in("bo", "approver");
    const seeded all = seed(on, model::risk::critical);
    const link_case link = make_link(on, op, all, "ada");

    const std::string body = decision(all, confirm_of(all) + R"(,"decision":"approve")");
    const raw_answer other = on.call(bo, "POST", link.path, body);
    EXPECT_EQ(other.status, 403);
    EXPECT_EQ(code_of(other), "link_of_another");
    on.time().advance_ns(4 * 3600 * ns_per_s);
    EXPECT_EQ(json_of(on.raw("GET", link.path, "")).at("item").at("state").as_string(), "expired");
}

TEST(links, bad_ones_are_not_found_and_bad_wishes_are_named)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    const actor ada = on.sign_in("ada", "approver");
    const seeded all = seed(on);
    const link_case link = make_link(on, op, all, "ada");
    std::string forged = link.path;
    forged.back() = forged.back() == 'a' ? 'b' : 'a';

    EXPECT_EQ(on.raw("GET", forged, "").status, 404);
    EXPECT_EQ(on.raw("GET", "/api/v1/approvals/link/" + std::string(400, 'x'), "").status, 404);
    EXPECT_EQ(on.call(ada, "POST", forged, decision(all, R"(,"decision":"approve")")).status, 404);
    EXPECT_EQ(on.call(ada, "POST", link.path, decision(all)).status, 400);
    EXPECT_EQ(on.call(ada, "POST", link.path, decision(all, R"(,"decision":"request_changes")")).status, 400);
    EXPECT_EQ(on.call(ada, "POST", link.path, R"({"decision":"approve"})").status, 400);
    EXPECT_EQ(on.call(op, "POST", path_of(all, "links"), "{}").status, 400);
    EXPECT_EQ(on.call(op, "POST", path_of(all, "links"), R"({"user":"nobody"})").status, 404);
    EXPECT_EQ(code_of(on.call(op, "POST", path_of(all, "links"), R"({"user":"op"})")), "not_approver");
}

// ------------------------------------------------------------------ editing and fixing

TEST(edits, an_operator_writes_another_text_which_is_asked_anew)
{
    running_api on;
    const actor op = on.sign_in("op", "operator");
    const actor ada = on.sign_in("ada", "approver");
    const seeded all = seed_ticket(on);
    const std::string body = R"({"title":"Orders without a code fail","body":"Shorter.","comment":"clearer"})";

    EXPECT_EQ(on.call(op, "PUT", path_of(all, "content"), body).status, 428);
    EXPECT_EQ(on.call(op, "PUT", path_of(all, "content"), body, "If-Match: \"9\"\r\n").status, 412);
    const std::string version = "If-Match: \"" + std::to_string(all.approval.version) + "\"\r\n";
    EXPECT_EQ(on.call(ada, "PUT", path_of(all, "content"), body, version).status, 403);
    const raw_answer edited = on.call(op, "PUT", path_of(all, "content"), body, version);
    ASSERT_EQ(edited.status, 200) << edited.body;
    const auto item = json_of(edited).at("item");
    EXPECT_EQ(find_misfit(item, "Approval"), "");
    EXPECT_EQ(item.at("edited_by").as_string(), "user:op");
    EXPECT_NE(item.at("id").as_string(), all.approval.id);

    const raw_answer old = on.call(ada, "POST", path_of(all, "approve"), decision(all));
    EXPECT_EQ(code_of(old), "already_decided");
    const std::string id(item.at("id").as_string());
    const std::string hash(item.at("content_hash").as_string());
    const raw_answer done =
        on.call(ada, "POST", "/api/v1/approvals/" + id + "/approve", R"({"content_hash":")" + hash + "\"}");
    EXPECT_EQ(done.status, 200) << done.body;
}

TEST(edits, that_say_nothing_or_too_much_are_refused)
{
    running_api on;
    const actor op = on.sign_in("op", "operator");
    const seeded all = seed_ticket(on);
    const std::string version = "If-Match: \"" + std::to_string(all.approval.version) + "\"\r\n";
    const auto status = [&](const std::string& body) {
        return on.call(op, "PUT", path_of(all, "content"), body, version).status;
    };
    EXPECT_EQ(status(R"({"title":"","body":"b"})"), 400);
    EXPECT_EQ(status(R"({"title":"a\nb","body":"b"})"), 400);
    EXPECT_EQ(status(R"({"title":"a","body":"b","user":"x"})"), 400);
    EXPECT_EQ(status(R"({"title":")" + std::string(300, 'a') + R"(","body":"b"})"), 400);
    EXPECT_EQ(status(R"({"title":"a","body":")" + std::string(61'000, 'b') + R"("})"), 400);
    EXPECT_EQ(status(R"({"title":"a","body":")" + std::string(300'000, 'b') + R"("})"), 413);
    EXPECT_EQ(status(R"({"title":"POST /orders fails","body":"text"})"), 422);
}

TEST(fixes, are_queued_for_the_gate_with_their_files)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    const seeded all = seed(on);
    const std::string path = "/api/v1/incidents/" + all.incident.id + "/fix";
    const std::string good =
        R"({"title":"Check the code","body":"b","files":[{"path":"src/order.ts","content":"x\n"}]})";
    EXPECT_EQ(code_of(on.call(op, "POST", path, good)), "no_repository");
    const std::string target = R"({"repository":"github:acme/checkout"})";
    ASSERT_EQ(on.call(op, "PUT", "/api/v1/services/checkout", target, "If-Match: \"1\"\r\n").status, 200);
    EXPECT_EQ(code_of(on.call(op, "POST", path, good)), "illegal_transition") << "a ticket waits at the gate";

    on.write([&](store::transaction& tx) -> result<void> {
        auto incident = *store::find_incident(tx, all.incident.id).value();
        const auto version = incident.version;
        incident.status = model::incident_status::needs_human;
        incident.phase.clear();
        incident.reason = "flaky";
        model::incident_event event;
        event.at_ns = on.time().now_ns();
        event.actor = "test";
        event.to = "needs_human(flaky)";
        return store::save_incident(tx, incident, version, event);
    }).value();
    const raw_answer done = on.call(op, "POST", path, good);
    ASSERT_EQ(done.status, 200) << done.body;
    const auto run = json_of(done).at("item");
    EXPECT_EQ(find_misfit(run, "Run"), "");
    EXPECT_EQ(run.at("kind").as_string(), "fix");
    EXPECT_EQ(run.at("state").as_string(), "queued");
    const auto incident = json_of(on.call(op, "GET", "/api/v1/incidents/" + all.incident.id)).at("item");
    EXPECT_EQ(incident.at("status").as_string(), "fixing");
}

TEST(fixes, that_are_malformed_are_refused_with_the_file)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    const seeded all = seed(on);
    const std::string path = "/api/v1/incidents/" + all.incident.id + "/fix";
    const auto answer = [&](const std::string& files) {
        return on.call(op, "POST", path, R"({"title":"t","files":)" + files + "}");
    };
    EXPECT_EQ(on.call(op, "POST", path, R"({"title":"t"})").status, 400);
    EXPECT_EQ(answer(R"([{"path":"a"}])").status, 400) << "a forgotten content deletes nothing";
    EXPECT_EQ(answer(R"([{"path":"a","content":7}])").status, 400);
    EXPECT_EQ(answer(R"([{"path":"a","content":"x","mode":"755"}])").status, 400);
    EXPECT_EQ(answer(R"(["a"])").status, 400);
    const raw_answer outside = answer(R"([{"path":"../../etc/passwd","content":"x"}])");
    EXPECT_EQ(outside.status, 422);
    EXPECT_NE(json_of(outside).at("detail").as_string().find("../../etc/passwd"), std::string::npos);
    EXPECT_EQ(answer("[]").status, 422);
    EXPECT_EQ(on.call(op, "POST", path, R"({"title":"t","files":[],"branch":"x"})").status, 400);
}

TEST(services, name_trackers_that_exist)
{
    running_api on(with_links());
    const actor op = on.sign_in("op", "operator");
    seed(on);
    const auto put = [&](const std::string& body, int version) {
        return on.call(
            op, "PUT", "/api/v1/services/checkout", body, "If-Match: \"" + std::to_string(version) + "\"\r\n"
        );
    };
    const raw_answer unknown = put(R"({"tracker":"linear:ENG"})", 1);
    EXPECT_EQ(unknown.status, 422);
    EXPECT_NE(json_of(unknown).at("detail").as_string().find("linear:ENG"), std::string::npos);
    EXPECT_EQ(put(R"({"repository":"jira:OPS"})", 1).status, 422) << "it takes no pull requests";

    const raw_answer set = put(R"({"tracker":"jira:OPS","repository":"github:acme/checkout"})", 1);
    ASSERT_EQ(set.status, 200) << set.body;
    EXPECT_EQ(find_misfit(json_of(set).at("item"), "Service"), "");
    EXPECT_EQ(json_of(set).at("item").at("tracker").as_string(), "jira:OPS");
    const auto back = json_of(put("{}", 2)).at("item");
    EXPECT_EQ(back.at("tracker").as_string(), "file:tickets");
    EXPECT_EQ(back.at("repository").as_string(), "");
}

// ------------------------------------------------------------------ preferences

TEST(preferences, come_as_json_lines_in_pages)
{
    running_api on;
    const actor ada = on.sign_in("ada", "approver");
    const actor boss = on.sign_in("boss", "admin");
    const actor vera = on.sign_in("vera", "viewer,operator");
    for (int i = 0; i < 3; ++i) {
        const seeded all = seed(on);
        const std::string body = decision(
            all, R"(,"comment":"wrong )" + std::to_string(i) + R"(","harness_failure_layer":"verification_feedback")"
        );
        ASSERT_EQ(on.call(ada, "POST", path_of(all, "reject"), body).status, 200);
        on.time().advance_ns(60 * ns_per_s);
    }
    EXPECT_EQ(on.call(vera, "GET", "/api/v1/preferences.jsonl").status, 403);
    const raw_answer all = on.call(boss, "GET", "/api/v1/preferences.jsonl");
    ASSERT_EQ(all.status, 200);
    EXPECT_EQ(all.header("content-type"), "application/x-ndjson");
    EXPECT_EQ(std::count(all.body.begin(), all.body.end(), '\n'), 3);
    EXPECT_EQ(all.header("x-next-after"), "");

    std::string joined;
    std::string after;
    for (int page = 0; page < 3; ++page) {
        const raw_answer one = on.call(
            ada, "GET", "/api/v1/preferences.jsonl?limit=1" + (after.empty() ? "" : "&after=" + after)
        );
        joined += one.body;
        after = one.header("x-next-after");
        EXPECT_EQ(after.empty(), page == 2);
    }
    EXPECT_EQ(joined, all.body);
    const auto first = boost::json::parse(all.body.substr(0, all.body.find('\n')));
    EXPECT_EQ(first.at("rejection").at("harness_failure_layer").as_string(), "verification_feedback");
    const raw_answer late = on.call(ada, "GET", "/api/v1/preferences.jsonl?since=2023-11-14T22:15:00Z");
    EXPECT_EQ(std::count(late.body.begin(), late.body.end(), '\n'), 1);
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/preferences.jsonl?since=yesterday").status, 400);
}

TEST(preferences, know_the_layers_and_no_others)
{
    running_api on;
    const actor ada = on.sign_in("ada", "approver");
    const seeded all = seed(on);
    const std::string body = decision(all, R"(,"comment":"no","harness_failure_layer":"the model")");
    const raw_answer refused = on.call(ada, "POST", path_of(all, "reject"), body);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "bad_request");
}

}  // namespace
}  // namespace reprise::http
