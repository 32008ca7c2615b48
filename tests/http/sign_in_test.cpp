#include "reprise/http/sign_in.hpp"

#include "running_api.hpp"

#include "reprise/store/audit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::json_of;
using test::roles_of;
using test::running_api;

link_request request_on(running_api& on)
{
    link_request request;
    request.public_url = on.origin();
    request.now_ns = on.time().now_ns();
    return request;
}

sign_in_link first_link(running_api& on)
{
    const link_request request = request_on(on);
    return on.write([&request](store::transaction& tx) { return issue_first_link(tx, request); }).value();
}

std::string token_of(const std::string& url)
{
    return url.substr(url.find("token=") + 6);
}

raw_answer use(running_api& on, const std::string& token, const std::string& headers = {})
{
    return on.raw(
        "POST", "/api/v1/auth/link", headers + "Content-Type: application/json\r\n", R"({"token":")" + token + "\"}"
    );
}

std::vector<store::audit_row> audit_of(running_api& on)
{
    return on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 100); }).value();
}

TEST(sign_in, the_first_person_is_administrator_and_everything_else)
{
    running_api on;
    const sign_in_link link = first_link(on);

    EXPECT_EQ(link.person.name, "admin");
    EXPECT_EQ(link.person.roles, roles_of("viewer,operator,approver,admin"));
    EXPECT_TRUE(link.url.starts_with(on.origin() + "/#/login?token="));
    EXPECT_EQ(token_of(link.url).size(), 64U);
    // The next start does not create another one.
    EXPECT_EQ(first_link(on).person.id, link.person.id);
}

TEST(sign_in, when_no_administrator_is_left_the_next_start_makes_another)
{
    running_api on;
    model::person person = first_link(on).person;
    person.disabled = true;
    on.write([&person](store::transaction& tx) { return store::save_person(tx, person); }).value();

    const sign_in_link link = first_link(on);

    EXPECT_EQ(link.person.name, "admin 2");
    EXPECT_TRUE(link.person.roles.admin);
}

TEST(sign_in, a_link_becomes_a_session_once)
{
    running_api on;
    const std::string token = token_of(first_link(on).url);

    const raw_answer answer = use(on, token);

    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto me = json_of(answer).at("item");
    EXPECT_EQ(me.at("name").as_string(), "admin");
    EXPECT_EQ(me.at("roles").as_array().size(), 4U);
    const std::string cookie = answer.header("set-cookie");
    EXPECT_TRUE(cookie.starts_with(on.cookie_name() + "="));
    EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("; SameSite=Lax"), std::string::npos);
    EXPECT_NE(cookie.find("; Path=/"), std::string::npos);

    const std::string pair = cookie.substr(0, cookie.find(';'));
    EXPECT_EQ(on.raw("GET", "/api/v1/me", "Cookie: " + pair + "\r\n").status, 200);

    const raw_answer again = use(on, token);
    EXPECT_EQ(again.status, 401);
    EXPECT_EQ(code_of(again), "link_invalid");
    EXPECT_EQ(again.header("set-cookie"), "");
}

TEST(sign_in, an_old_or_made_up_link_is_refused)
{
    running_api on;
    const std::string token = token_of(first_link(on).url);
    on.time().advance_ns(link_lifetime_ns + ns_per_s);

    EXPECT_EQ(use(on, token).status, 401);
    EXPECT_EQ(use(on, std::string(64, '0')).status, 401);
    EXPECT_EQ(use(on, "").status, 401);
    EXPECT_EQ(use(on, std::string(300, 'a')).status, 400);
}

TEST(sign_in, another_site_cannot_sign_the_person_in)
{
    running_api on;
    const std::string token = token_of(first_link(on).url);

    EXPECT_EQ(use(on, token, "Origin: https://evil.test\r\n").status, 403);
    EXPECT_EQ(
        on.raw("POST", "/api/v1/auth/link", "Content-Type: text/plain\r\n", R"({"token":")" + token + "\"}").status, 415
    );
    EXPECT_EQ(use(on, token).status, 200);
}

TEST(sign_in, signing_in_again_ends_the_earlier_session_of_the_browser)
{
    running_api on;
    const actor who = on.sign_in("ada", "admin");
    const std::string token = token_of(first_link(on).url);

    EXPECT_EQ(use(on, token, on.cookie_of(who)).status, 200);

    EXPECT_EQ(on.call(who, "GET", "/api/v1/me").status, 401);
}

TEST(sign_in, signing_out_ends_the_session_and_clears_the_cookie)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");

    const raw_answer answer = on.call(who, "POST", "/api/v1/auth/logout", "{}");

    EXPECT_EQ(answer.status, 204);
    EXPECT_NE(answer.header("set-cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/me").status, 401);
}

TEST(sign_in, links_sessions_and_changes_of_people_are_audited_without_secrets)
{
    running_api on;
    const std::string token = token_of(first_link(on).url);
    EXPECT_EQ(use(on, token).status, 200);

    std::string actions;
    for (const store::audit_row& row : audit_of(on)) {
        actions += row.entry.action + " ";
        EXPECT_EQ(row.entry.detail.find(token), std::string::npos);
    }

    EXPECT_EQ(actions, "person.add person.link session.begin ");
}

TEST(users, an_administrator_invites_somebody)
{
    running_api on;
    const actor admin = on.sign_in("ada", "admin");

    const raw_answer answer =
        on.call(admin, "POST", "/api/v1/users", R"({"name":"Bo Li","roles":["viewer","approver"]})");

    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = json_of(answer);
    EXPECT_EQ(body.at("item").at("name").as_string(), "Bo Li");
    const raw_answer signed_in = use(on, token_of(std::string(body.at("link").as_string())));
    EXPECT_EQ(signed_in.status, 200);
    EXPECT_EQ(json_of(signed_in).at("item").at("roles").as_array().size(), 2U);
}

TEST(users, bad_names_and_roles_are_refused)
{
    running_api on;
    const actor admin = on.sign_in("ada", "admin");
    const auto status = [&](const std::string& body) { return on.call(admin, "POST", "/api/v1/users", body).status; };

    EXPECT_EQ(status(R"({"name":"","roles":["viewer"]})"), 400);
    EXPECT_EQ(status(R"({"name":"a:b","roles":["viewer"]})"), 400);
    EXPECT_EQ(status(R"({"name":"a\nb","roles":["viewer"]})"), 400);
    EXPECT_EQ(status(R"({"name":" a","roles":["viewer"]})"), 400);
    EXPECT_EQ(status(R"({"name":"bo","roles":[]})"), 400);
    EXPECT_EQ(status(R"({"name":"bo","roles":["root"]})"), 400);
    EXPECT_EQ(status(R"({"name":"bo","roles":"viewer"})"), 400);
    EXPECT_EQ(status(R"({"name":"ada","roles":["viewer"]})"), 409);
}

TEST(users, nobody_changes_their_own_roles)
{
    running_api on;
    const actor admin = on.sign_in("ada", "admin");

    const raw_answer answer =
        on.call(admin, "PUT", "/api/v1/users/" + admin.person.id, R"({"roles":["admin","approver"]})");

    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(code_of(answer), "own_account");
}

TEST(users, the_last_administrator_stays)
{
    running_api on;
    const actor admin = on.sign_in("ada", "admin");
    const link_request request = request_on(on);
    const std::string id = admin.person.id;

    const auto demoted = on.write([&](store::transaction& tx) {
        return change_person(tx, id, roles_of("viewer"), false, request);
    });
    const auto disabled = on.write([&](store::transaction& tx) {
        return change_person(tx, id, roles_of("admin"), true, request);
    });

    EXPECT_EQ(demoted.error(), errc::conflict);
    EXPECT_EQ(disabled.error(), errc::conflict);
}

TEST(users, a_change_of_roles_counts_at_once)
{
    running_api on;
    const actor admin = on.sign_in("ada", "admin");
    const actor other = on.sign_in("bo", "operator");
    const std::string path = "/api/v1/runs/" + test::missing_id + "/cancel";
    EXPECT_EQ(on.call(other, "POST", path, "{}").status, 404);

    EXPECT_EQ(on.call(admin, "PUT", "/api/v1/users/" + other.person.id, R"({"roles":["viewer"]})").status, 200);
    EXPECT_EQ(on.call(other, "POST", path, "{}").status, 403);

    const std::string off = R"({"roles":["viewer"],"disabled":true})";
    EXPECT_EQ(on.call(admin, "PUT", "/api/v1/users/" + other.person.id, off).status, 200);
    EXPECT_EQ(on.call(other, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(on.call(admin, "POST", "/api/v1/users/" + other.person.id + "/link", "{}").status, 403);
}

TEST(sign_in, under_https_the_cookie_is_secure_and_bound_to_the_host)
{
    test::api_options options;
    options.public_url = "https://reprise.test";
    running_api on(options);
    link_request request = request_on(on);
    request.public_url = "https://reprise.test";
    const auto link =
        on.write([&request](store::transaction& tx) { return issue_first_link(tx, request); }).value();

    const raw_answer answer = use(on, token_of(link.url), "Host: reprise.test\r\n");

    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.header("set-cookie").starts_with("__Host-reprise="));
    EXPECT_NE(answer.header("set-cookie").find("; Secure"), std::string::npos);
}

}  // namespace
}  // namespace reprise::http
