#include "../../server/http/access.hpp"
#include "../../server/http/endpoints.hpp"
#include "running_api.hpp"
#include "support/raw_websocket.hpp"

#include "reprise/store/people.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::running_api;

std::string filled(std::string path)
{
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') - open + 1, test::missing_id);
    return path;
}

TEST(access, what_is_asked_is_done_with_the_roles_of_that_moment)
{
    running_api on;
    actor who = on.sign_in("ada", "viewer,operator");
    caller as_she_came;
    as_she_came.person = who.person;
    const auto find = [&](need wanted) {
        error_code refused;
        auto look = [&](store::transaction& tx) -> result<void> {
            const auto person = find_person_now(tx, as_she_came, wanted);
            refused = person ? error_code() : person.error();
            return {};
        };
        on.write(look).value();
        return refused;
    };
    const auto save = [&] {
        on.write([&](store::transaction& tx) { return store::save_person(tx, who.person); }).value();
    };
    EXPECT_FALSE(find(need::operator_));

    who.person.roles.operator_ = false;
    save();
    EXPECT_EQ(find(need::operator_), errc::denied);
    EXPECT_FALSE(find(need::signed_in));

    who.person.disabled = true;
    save();
    EXPECT_EQ(find(need::signed_in), errc::denied);
}

// Every route of the table times everybody who may come along.
class role_matrix : public testing::TestWithParam<std::string> {};

TEST_P(role_matrix, opens_what_the_table_says_and_nothing_else)
{
    running_api on;
    std::size_t opened = 0;
    std::size_t asked = 0;
    for (const endpoint& route : endpoints()) {
        const std::string verb(net::to_text(route.method));
        const std::string name = verb + " " + full_path(route);
        actor who;
        if (GetParam() != "nobody")
            who = on.sign_in("person " + std::to_string(asked++) + " " + name.substr(0, 40), GetParam());
        const bool expected =
            route.access == need::nothing || (!who.token.empty() && is_met(route.access, who.person.roles));

        const raw_answer answer =
            on.call(who, verb, filled(full_path(route)), verb == "GET" ? "" : "{}", "If-Match: \"1\"\r\n");

        const std::string code = answer.status >= 400 ? code_of(answer) : "";
        const bool was_refused = code == "signed_out" || code == "role_required";
        EXPECT_EQ(!was_refused, expected) << name << " answered " << answer.status << " " << code;
        EXPECT_LT(answer.status, 500) << name << " " << answer.body;
        opened += was_refused ? 0 : 1;
    }
    EXPECT_GT(opened, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    everybody, role_matrix,
    testing::Values("nobody", "viewer", "operator", "approver", "admin", "viewer,operator,approver,admin"),
    [](const auto& param) {
        std::string name = param.param;
        std::replace(name.begin(), name.end(), ',', '_');
        return name;
    }
);

TEST(access, admin_does_not_imply_approver_nor_operator)
{
    const model::roles admin = test::roles_of("admin");
    EXPECT_FALSE(is_met(need::approver, admin));
    EXPECT_FALSE(is_met(need::operator_, admin));
    EXPECT_TRUE(is_met(need::viewer, admin));
    EXPECT_FALSE(is_met(need::viewer, model::roles{}));
}

TEST(access, every_change_needs_a_role)
{
    for (const endpoint& route : endpoints()) {
        const bool changes = route.method != net::method::get;
        const bool is_sign_in = route.path.starts_with("/auth/");
        const bool is_own_account = route.path == "/me/password" || route.path.starts_with("/sessions") ||
                                    route.path.starts_with("/tokens");
        // What somebody puts off is out of their own sight and nobody else's.
        const bool is_own_inbox = route.path == "/approvals/{id}/snooze";
        if (is_own_account || is_own_inbox) {
            EXPECT_GE(route.access, need::signed_in) << route.path;
        } else if (changes && !is_sign_in) {
            EXPECT_GE(route.access, need::operator_) << route.path;
        }
    }
}

TEST(access, a_change_without_the_session_token_is_refused_before_anything_else)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string path = "/api/v1/runs/" + test::missing_id + "/cancel";

    for (const std::string headers : {"X-CSRF-Token: \r\n", "X-CSRF-Token: wrong\r\n"}) {
        const raw_answer answer = on.call(who, "POST", path, "{}", headers);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(code_of(answer), "csrf");
    }
    EXPECT_EQ(on.call(who, "POST", path, "{}").status, 404);
}

TEST(access, the_token_of_another_session_does_not_do)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const actor other = on.sign_in("eve", "operator");

    const raw_answer answer = on.call(
        who, "POST", "/api/v1/runs/" + test::missing_id + "/cancel", "{}", "X-CSRF-Token: " + other.csrf + "\r\n"
    );

    EXPECT_EQ(code_of(answer), "csrf");
}

struct origin_case {
    std::string name;
    std::string headers;
    int status;
};

class foreign_origin : public testing::TestWithParam<origin_case> {};

TEST_P(foreign_origin, is_judged_before_the_session)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    std::string headers = GetParam().headers;
    for (std::size_t at = headers.find("PORT"); at != std::string::npos; at = headers.find("PORT"))
        headers.replace(at, 4, std::to_string(on.port()));

    const raw_answer answer = on.call(who, "POST", "/api/v1/runs/" + test::missing_id + "/cancel", "{}", headers);

    EXPECT_EQ(answer.status, GetParam().status) << answer.body;
}

INSTANTIATE_TEST_SUITE_P(
    cases, foreign_origin,
    testing::Values(
        origin_case{"no_browser", "", 404},
        origin_case{"own_page", "Origin: http://127.0.0.1:PORT\r\nSec-Fetch-Site: same-origin\r\n", 404},
        origin_case{"own_page_by_name", "Origin: http://localhost:PORT\r\nHost: localhost:PORT\r\n", 404},
        origin_case{"other_site", "Origin: https://evil.test\r\n", 403},
        origin_case{"other_port", "Origin: http://127.0.0.1:1\r\n", 403},
        origin_case{"other_scheme", "Origin: https://127.0.0.1:PORT\r\n", 403},
        origin_case{"opaque", "Origin: null\r\n", 403},
        origin_case{"cross_site_by_metadata", "Sec-Fetch-Site: cross-site\r\n", 403},
        origin_case{"same_site_is_not_same_origin", "Sec-Fetch-Site: same-site\r\n", 403},
        origin_case{"rebound_host", "Host: evil.test:PORT\r\n", 421},
        origin_case{"host_without_port", "Host: 127.0.0.1\r\n", 421}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(access, reading_under_a_foreign_host_is_refused_but_probes_answer)
{
    running_api on;
    EXPECT_EQ(on.raw("GET", "/", "Host: evil.test\r\n").status, 421);
    EXPECT_EQ(on.raw("GET", "/api/v1/me", "Host: evil.test\r\n").status, 421);
    EXPECT_EQ(on.raw("GET", "/healthz", "Host: 10.0.0.7\r\n").body, "ok\n");
    EXPECT_EQ(on.raw("GET", "/readyz", "Host: 10.0.0.7\r\n").status, 200);
}

TEST(access, a_body_that_is_no_json_is_refused)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const std::string path = "/api/v1/runs/" + test::missing_id + "/cancel";

    EXPECT_EQ(on.call(who, "POST", path, "a=b", "Content-Type: text/plain\r\n").status, 415);
    EXPECT_EQ(code_of(on.call(who, "POST", path, "{")), "bad_request");
    EXPECT_EQ(code_of(on.call(who, "POST", path, "[]")), "bad_request");
    EXPECT_EQ(code_of(on.call(who, "POST", path, R"({"comment":7})")), "bad_request");
    EXPECT_EQ(code_of(on.call(who, "POST", path, R"({"comment":")" + std::string(9000, 'x') + "\"}")), "bad_request");
    EXPECT_EQ(code_of(on.call(who, "POST", path, std::string(200, '[') + std::string(200, ']'))), "bad_request");
    EXPECT_EQ(on.call(who, "POST", path, std::string(70'000, ' ')).status, 413);
}

TEST(access, a_session_ends_by_idleness_age_and_disabling)
{
    running_api on;
    const actor idle = on.sign_in("ida", "viewer");
    const actor old = on.sign_in("olga", "viewer");
    const actor gone = on.sign_in("gus", "viewer");
    EXPECT_EQ(on.call(idle, "GET", "/api/v1/me").status, 200);

    auto disable = [&gone](store::transaction& tx) {
        model::person person = gone.person;
        person.disabled = true;
        return store::save_person(tx, person);
    };
    on.write(std::move(disable)).value();
    EXPECT_EQ(on.call(gone, "GET", "/api/v1/me").status, 401);

    for (int hour = 0; hour < 23; hour += 7) {
        on.time().advance_ns(7 * 3600 * ns_per_s);
        EXPECT_EQ(on.call(old, "GET", "/api/v1/me").status, hour < 21 ? 200 : 401) << hour;
    }
    EXPECT_EQ(on.call(idle, "GET", "/api/v1/me").status, 401);
}

TEST(access, malformed_cookies_are_nobody)
{
    running_api on;
    const std::vector<std::string> values = {"", "x", "%00", std::string(64, 'z'), std::string(5000, 'a')};
    for (const std::string& value : values) {
        const raw_answer answer = on.raw("GET", "/api/v1/me", "Cookie: " + on.cookie_name() + "=" + value + "\r\n");
        EXPECT_EQ(answer.status, 401);
    }
}

TEST(access, every_answer_carries_the_policy)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    for (const std::string path : {"/", "/api/v1/me", "/api/v1/nothing", "/healthz"}) {
        const raw_answer answer = on.call(who, "GET", path);
        const std::string policy = answer.header("content-security-policy");
        EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << path;
        EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos) << path;
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff") << path;
        EXPECT_EQ(answer.header("referrer-policy"), "no-referrer") << path;
        EXPECT_EQ(answer.header("access-control-allow-origin"), "") << path;
        EXPECT_EQ(answer.header("server"), "") << path;
    }
    EXPECT_EQ(on.call(who, "GET", "/api/v1/me").header("cache-control"), "no-store");
}

TEST(access, cookies_are_found_among_others)
{
    net::request req;
    req.headers = {{"Cookie", "a=1; reprise_1=tok; reprise=2; reprise_11=no"}};
    EXPECT_EQ(find_cookie(req, "reprise_1"), "tok");
    EXPECT_EQ(find_cookie(req, "reprise"), "2");
    EXPECT_EQ(find_cookie(req, "missing"), "");
}

}  // namespace
}  // namespace reprise::http
