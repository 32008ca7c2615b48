#include "../../server/http/token_text.hpp"
#include "seeds.hpp"

#include "reprise/http/tokens.hpp"
#include "reprise/store/audit.hpp"
#include "reprise/store/tokens.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;

constexpr std::int64_t day_ns = 24LL * 3600 * ns_per_s;

struct account {
    model::person person;
    std::string token;
};

// A service account with one token, as the command line makes them.
account add_service(
    running_api& on, const std::string& name, const std::string& roles, const std::string& scopes,
    std::vector<std::string> networks = {}
)
{
    link_request by;
    by.now_ns = on.time().now_ns();
    account made;
    auto add = [&](store::transaction& tx) -> result<void> {
        made.person = add_service_account(tx, name, test::roles_of(roles), by).value();
        token_request wanted;
        wanted.person_id = made.person.id;
        wanted.name = "test";
        wanted.scopes = *scope_set::parse(scopes);
        wanted.networks = std::move(networks);
        wanted.lifetime_ns = 30 * day_ns;
        made.token = issue_token(tx, wanted, by).value().text;
        return {};
    };
    on.write(std::move(add)).value();
    return made;
}

raw_answer ask(
    running_api& on, const std::string& token, const std::string& verb, const std::string& path,
    const std::string& body = {}, const std::string& headers = {}
)
{
    std::string all = "Authorization: Bearer " + token + "\r\n" + headers;
    if (!body.empty())
        all += "Content-Type: application/json\r\n";
    return on.raw(verb, path, all, body);
}

std::vector<store::audit_row> audit_of(running_api& on)
{
    return on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 200); }).value();
}

TEST(api_tokens, read_and_act_within_their_scopes_without_cookie_and_csrf)
{
    running_api on;
    const account ci = add_service(on, "ci", "viewer,operator", "runs:read,deployments:write");
    EXPECT_EQ(ask(on, ci.token, "GET", "/api/v1/incidents").status, 200);
    EXPECT_EQ(json_of(ask(on, ci.token, "GET", "/api/v1/me")).at("item").at("name").as_string(), "ci");
    const raw_answer deployed = ask(on, ci.token, "POST", "/api/v1/deployments", R"({"service":"x","version":"1"})");
    EXPECT_EQ(deployed.status, 404) << "let through; there is no such service";

    const raw_answer cancel = ask(on, ci.token, "POST", "/api/v1/runs/" + test::missing_id + "/cancel", "{}");
    EXPECT_EQ(cancel.status, 403);
    EXPECT_EQ(code_of(cancel), "scope_required");
    EXPECT_EQ(code_of(ask(on, ci.token, "GET", "/api/v1/audit")), "scope_required");
}

TEST(api_tokens, what_they_do_is_audited_as_theirs)
{
    running_api on;
    const account ci = add_service(on, "ci", "viewer,operator", "deployments:write");
    const auto seeded = test::seed(on);
    const raw_answer answer =
        ask(on, ci.token, "POST", "/api/v1/deployments", R"({"service":"checkout","version":"2.0"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto row = audit_of(on).back();
    EXPECT_EQ(row.entry.action, "deployment.report");
    EXPECT_EQ(row.entry.actor, "user:ci");
    EXPECT_EQ(row.entry.actor_type, "service");
    EXPECT_EQ(row.entry.auth, "token:" + ci.token.substr(4, 26));
}

// Every way to decide, with a token that has every scope and an account that has every role it can have.
TEST(api_tokens, can_never_decide_at_the_gate)
{
    running_api on;
    const auto seeded = test::seed(on);
    const account robot = add_service(
        on, "robot", "viewer,operator,admin",
        "ingest:write,runs:read,runs:write,events:write,deployments:write,admin:read"
    );
    const actor ada = on.sign_in("ada", "viewer,operator,approver,admin");
    const auto own = json_of(on.call(
        ada, "POST", "/api/v1/tokens", R"({"name":"mine","scopes":["runs:read","runs:write"],"days":1})"
    ));
    const std::string body = R"({"content_hash":")" + seeded.approval.content_hash + R"(","comment":"x"})";
    for (const std::string& token : {robot.token, std::string(own.at("token").as_string())}) {
        for (const std::string verb : {"approve", "reject", "request-changes", "stop"}) {
            const raw_answer answer =
                ask(on, token, "POST", "/api/v1/approvals/" + seeded.approval.id + "/" + verb, body);
            EXPECT_EQ(answer.status, 403) << verb;
            EXPECT_EQ(code_of(answer), "not_a_person") << verb;
        }
    }
    const auto approval = json_of(on.call(ada, "GET", "/api/v1/approvals/" + seeded.approval.id));
    EXPECT_EQ(approval.at("item").at("state").as_string(), "pending");
}

TEST(api_tokens, can_never_manage_people_sessions_or_tokens)
{
    running_api on;
    const account robot = add_service(on, "robot", "viewer,operator,admin", "admin:read,runs:read");
    EXPECT_EQ(ask(on, robot.token, "GET", "/api/v1/users").status, 200) << "reading is a scope";
    struct attempt {
        std::string verb;
        std::string path;
    };
    const std::vector<attempt> attempts = {
        {"POST", "/api/v1/users"}, {"PUT", "/api/v1/users/x"}, {"POST", "/api/v1/users/x/link"},
        {"POST", "/api/v1/tokens"}, {"GET", "/api/v1/tokens"}, {"DELETE", "/api/v1/tokens/x"},
        {"GET", "/api/v1/sessions"}, {"DELETE", "/api/v1/sessions/x"}, {"PUT", "/api/v1/me/password"},
        {"POST", "/api/v1/auth/reauthenticate"}, {"POST", "/api/v1/auth/logout"},
        {"PUT", "/api/v1/approvals/x/content"},
        {"POST", "/api/v1/approvals/x/links"}, {"POST", "/api/v1/approvals/link/x"}, {"PUT", "/api/v1/services/x"}};
    for (const attempt& one : attempts) {
        const raw_answer answer =
            ask(on, robot.token, one.verb, one.path, one.verb == "GET" ? "" : "{}");
        EXPECT_EQ(answer.status, 403) << one.path;
        EXPECT_EQ(code_of(answer), "not_a_person") << one.path;
    }
}

TEST(api_tokens, end_by_time_revocation_and_disabling)
{
    running_api on;
    const account late = add_service(on, "late", "viewer", "runs:read");
    const account revoked = add_service(on, "revoked", "viewer", "runs:read");
    const account disabled = add_service(on, "disabled", "viewer", "runs:read");
    link_request by;
    by.now_ns = on.time().now_ns();
    auto end = [&](store::transaction& tx) -> result<void> {
        model::person closed = disabled.person;
        closed.disabled = true;
        store::save_person(tx, closed).value();
        return revoke_token(tx, revoked.token.substr(4, 26), by);
    };
    on.write(std::move(end)).value();

    EXPECT_EQ(ask(on, late.token, "GET", "/api/v1/runs").status, 200);
    EXPECT_EQ(code_of(ask(on, revoked.token, "GET", "/api/v1/runs")), "token_invalid");
    EXPECT_EQ(code_of(ask(on, disabled.token, "GET", "/api/v1/runs")), "token_invalid");
    on.time().advance_ns(30 * day_ns);
    EXPECT_EQ(code_of(ask(on, late.token, "GET", "/api/v1/runs")), "token_invalid");
}

TEST(api_tokens, work_from_their_networks_only)
{
    running_api on;
    const account here = add_service(on, "here", "viewer", "runs:read", {"127.0.0.0/8"});
    const account there = add_service(on, "there", "viewer", "runs:read", {"10.0.0.0/8"});
    EXPECT_EQ(ask(on, here.token, "GET", "/api/v1/runs").status, 200);
    EXPECT_EQ(code_of(ask(on, there.token, "GET", "/api/v1/runs")), "token_invalid");
}

TEST(api_tokens, wrong_ones_are_nobody_and_a_cookie_beside_one_is_refused)
{
    running_api on;
    const account ci = add_service(on, "ci", "viewer", "runs:read");
    const account other = add_service(on, "other", "viewer", "runs:read");
    for (const std::string& bad : {std::string("x"), ci.token + "x", ci.token.substr(0, 40)}) {
        const raw_answer answer = ask(on, bad, "GET", "/api/v1/runs");
        EXPECT_EQ(answer.status, 401) << bad;
        EXPECT_EQ(code_of(answer), "token_invalid");
    }
    EXPECT_EQ(on.raw("GET", "/api/v1/runs", "Authorization: Basic YTpi\r\n").status, 401);
    const actor ada = on.sign_in("ada", "viewer");
    const raw_answer both = ask(on, ci.token, "GET", "/api/v1/runs", "", on.cookie_of(ada));
    EXPECT_EQ(both.status, 400);
    EXPECT_EQ(code_of(both), "two_credentials");
}

TEST(api_tokens, a_secret_under_another_id_does_not_do)
{
    running_api on;
    const account one = add_service(on, "one", "viewer", "runs:read");
    const account two = add_service(on, "two", "viewer", "runs:read");
    // Well-formed down to its check: only the store knows that the two do not belong together.
    const std::string mixed = token_text({parse_token(one.token)->id, parse_token(two.token)->secret});
    EXPECT_EQ(code_of(ask(on, mixed, "GET", "/api/v1/runs")), "token_invalid");
}

TEST(api_tokens, lose_what_their_person_loses)
{
    running_api on;
    const account ci = add_service(on, "ci", "viewer,operator", "runs:read,runs:write");
    const std::string path = "/api/v1/runs/" + test::missing_id + "/cancel";
    EXPECT_EQ(ask(on, ci.token, "POST", path, "{}").status, 404);
    auto demote = [&ci](store::transaction& tx) {
        model::person person = ci.person;
        person.roles = test::roles_of("viewer");
        return store::save_person(tx, person);
    };
    on.write(std::move(demote)).value();
    EXPECT_EQ(code_of(ask(on, ci.token, "POST", path, "{}")), "role_required");
}

TEST(api_tokens, note_their_last_use_once_a_minute)
{
    running_api on;
    const account ci = add_service(on, "ci", "viewer", "runs:read");
    const auto used = [&] {
        const std::string id = ci.token.substr(4, 26);
        auto look = [&id](store::reader& from) { return store::find_token(from, id); };
        return on.store().read_blocking(std::move(look)).value()->used_ns;
    };
    EXPECT_FALSE(used());
    ask(on, ci.token, "GET", "/api/v1/runs");
    const auto first = used();
    EXPECT_EQ(first, on.time().now_ns());
    on.time().advance_ns(store::token_touch_ns);
    ask(on, ci.token, "GET", "/api/v1/runs");
    EXPECT_EQ(used(), first);
    on.time().advance_ns(1);
    ask(on, ci.token, "GET", "/api/v1/runs");
    EXPECT_EQ(used(), on.time().now_ns());
}

TEST(api_tokens, people_make_their_own_with_no_more_than_they_may_do)
{
    running_api on;
    const actor vera = on.sign_in("vera", "viewer");
    const auto post = [&](const std::string& body) { return on.call(vera, "POST", "/api/v1/tokens", body); };
    const raw_answer made = post(R"({"name":"laptop","scopes":["runs:read"],"days":7,"networks":["127.0.0.1"]})");
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string token(json_of(made).at("token").as_string());
    EXPECT_TRUE(token.starts_with("rpr_"));
    EXPECT_EQ(ask(on, token, "GET", "/api/v1/runs").status, 200);

    EXPECT_EQ(code_of(post(R"({"name":"x","scopes":["runs:write"],"days":7})")), "bad_request");
    EXPECT_EQ(code_of(post(R"({"name":"x","scopes":["approvals:write"],"days":7})")), "bad_request");
    EXPECT_EQ(code_of(post(R"({"name":"x","scopes":["runs:read"],"days":366})")), "bad_request");
    EXPECT_EQ(code_of(post(R"({"name":"x","scopes":["runs:read"]})")), "bad_request") << "every token expires";
    EXPECT_EQ(code_of(post(R"({"name":"x","scopes":["runs:read"],"days":7,"x":1})")), "bad_request");
    EXPECT_EQ(code_of(post(R"({"name":"","scopes":["runs:read"],"days":7})")), "bad_request");

    const auto list = json_of(on.call(vera, "GET", "/api/v1/tokens"));
    ASSERT_EQ(list.at("items").as_array().size(), 1U);
    const std::string id(list.at("items").at(0).at("id").as_string());
    EXPECT_EQ(list.at("items").at(0).at("person").as_string(), "vera");
    EXPECT_EQ(made.body.find(sha256_hex(token.substr(31, 43))), std::string::npos);

    const actor eve = on.sign_in("eve", "operator");
    EXPECT_EQ(on.call(eve, "DELETE", "/api/v1/tokens/" + id).status, 404);
    EXPECT_EQ(on.call(vera, "DELETE", "/api/v1/tokens/" + id).status, 204);
    EXPECT_EQ(on.call(vera, "DELETE", "/api/v1/tokens/" + id).status, 404);
    EXPECT_EQ(code_of(ask(on, token, "GET", "/api/v1/runs")), "token_invalid");
}

TEST(api_tokens, a_session_that_proved_itself_long_ago_makes_none)
{
    running_api on;
    const actor vera = on.sign_in("vera", "viewer");
    on.time().advance_ns(601 * ns_per_s);
    const raw_answer answer =
        on.call(vera, "POST", "/api/v1/tokens", R"({"name":"x","scopes":["runs:read"],"days":7})");
    EXPECT_EQ(code_of(answer), "reauthentication_required");
}

TEST(api_tokens, administrators_make_those_of_service_accounts_and_of_nobody_else)
{
    running_api on;
    const actor boss = on.sign_in("boss", "admin");
    const actor vera = on.sign_in("vera", "viewer");
    const raw_answer made =
        on.call(boss, "POST", "/api/v1/users", R"({"name":"deployer","roles":["operator"],"kind":"service"})");
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_FALSE(json_of(made).as_object().contains("link"));
    EXPECT_EQ(json_of(made).at("item").at("kind").as_string(), "service");
    const std::string id(json_of(made).at("item").at("id").as_string());
    const auto post = [&](const actor& who, const std::string& person_id) {
        return on.call(
            who, "POST", "/api/v1/tokens",
            R"({"name":"x","scopes":["deployments:write"],"days":7,"person_id":")" + person_id + "\"}"
        );
    };
    EXPECT_EQ(post(boss, id).status, 200);
    EXPECT_EQ(post(vera, id).status, 403);
    EXPECT_EQ(post(boss, vera.person.id).status, 404) << "people make their own";
    EXPECT_EQ(json_of(on.call(boss, "GET", "/api/v1/tokens?all=true")).at("items").as_array().size(), 1U);
    EXPECT_EQ(code_of(on.call(vera, "GET", "/api/v1/tokens?all=true")), "role_required");

    EXPECT_EQ(on.call(boss, "POST", "/api/v1/users/" + id + "/link").status, 403) << "no link signs it in";
    const raw_answer approver =
        on.call(boss, "POST", "/api/v1/users", R"({"name":"r2","roles":["approver"],"kind":"service"})");
    EXPECT_EQ(approver.status, 400);
    const raw_answer promoted = on.call(boss, "PUT", "/api/v1/users/" + id, R"({"roles":["approver"]})");
    EXPECT_EQ(promoted.status, 400) << promoted.body;
}

}  // namespace
}  // namespace reprise::http
