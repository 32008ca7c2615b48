#include "../../server/http/access.hpp"
#include "../../server/http/passwords.hpp"
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
using test::running_api;

const std::string good = "correct horse battery";

raw_answer login(running_api& on, const std::string& name, const std::string& password)
{
    return on.raw(
        "POST", "/api/v1/auth/login", "Content-Type: application/json\r\n",
        R"({"name":")" + name + R"(","password":")" + password + "\"}"
    );
}

// The session an answer has begun or renewed.
actor actor_of(const running_api& on, const raw_answer& answer)
{
    actor who;
    const std::string cookie = answer.header("set-cookie");
    const std::string begin = on.cookie_name() + "=";
    who.token = cookie.substr(begin.size(), 64);
    who.csrf = std::string(json_of(answer).at("item").at("csrf").as_string());
    return who;
}

raw_answer set_password(running_api& on, const actor& who, const std::string& password, const std::string& more = "")
{
    return on.call(who, "PUT", "/api/v1/me/password", R"({"password":")" + password + "\"" + more + "}");
}

std::vector<store::audit_row> audit_of(running_api& on)
{
    return on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 200); }).value();
}

TEST(passwords, are_set_by_who_came_by_a_link_and_sign_in_then)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    EXPECT_EQ(login(on, "ada", good).status, 401) << "there is no default password";

    const raw_answer set = set_password(on, ada, good);
    ASSERT_EQ(set.status, 200) << set.body;
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/me").status, 401) << "the session goes on under another token";
    EXPECT_EQ(on.call(actor_of(on, set), "GET", "/api/v1/me").status, 200);

    const raw_answer in = login(on, "ada", good);
    ASSERT_EQ(in.status, 200) << in.body;
    EXPECT_EQ(json_of(in).at("item").at("name").as_string(), "ada");
    EXPECT_NE(in.header("set-cookie").find("HttpOnly; SameSite=Lax"), std::string::npos);
    EXPECT_EQ(on.call(actor_of(on, in), "GET", "/api/v1/me").status, 200);
    EXPECT_EQ(audit_of(on).back().entry.auth, "password");
}

TEST(passwords, a_wrong_one_an_unknown_name_and_a_closed_account_look_the_same)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    ASSERT_EQ(set_password(on, ada, good).status, 200);
    const actor gone = on.sign_in("gus", "viewer");
    ASSERT_EQ(set_password(on, gone, good).status, 200);
    auto disable = [&gone](store::transaction& tx) {
        model::person person = gone.person;
        person.disabled = true;
        return store::save_person(tx, person);
    };
    on.write(std::move(disable)).value();

    const auto text = [](const raw_answer& answer) {
        return std::string(json_of(answer).at("detail").as_string()) + code_of(answer);
    };
    const raw_answer wrong = login(on, "ada", good + "x");
    const raw_answer unknown = login(on, "nobody", good);
    const raw_answer closed = login(on, "gus", good);
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(closed.status, 401);
    EXPECT_EQ(text(wrong), text(unknown));
    EXPECT_EQ(text(wrong), text(closed));
    EXPECT_EQ(wrong.header("set-cookie"), "");
}

TEST(passwords, refused_sign_ins_are_audited_without_what_was_typed)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    login(on, "hunter2-typed-into-the-name", "some password or other");
    login(on, "ada", "some password or other");

    const auto rows = audit_of(on);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].entry.action, "session.refuse");
    EXPECT_EQ(rows[0].entry.object, "person/unknown");
    EXPECT_EQ(rows[1].entry.object, "person/" + ada.person.id);
    for (const auto& row : rows) {
        EXPECT_EQ(row.entry.detail.find("typed"), std::string::npos);
        EXPECT_EQ(row.entry.detail.find("some password"), std::string::npos);
    }
}

TEST(passwords, guessing_is_slowed_down_for_a_name_and_for_an_address)
{
    test::api_options options;
    options.change = [](api_config& config) {
        config.limits.sign_ins_burst = 2;
        config.limits.sign_ins_per_s = 0.1;
        config.limits.peer_sign_ins_burst = 5;
        config.limits.peer_sign_ins_per_s = 1;
    };
    running_api on(std::move(options));
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(login(on, "ada", "wrong password").status, 401);
    const raw_answer limited = login(on, "ada", "wrong password");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(code_of(limited), "too_many_requests");
    EXPECT_EQ(limited.header("retry-after"), "10");

    EXPECT_EQ(login(on, "bob", "wrong password").status, 401) << "others may still try";
    EXPECT_EQ(login(on, "eve", "wrong password").status, 401);
    EXPECT_EQ(login(on, "kim", "wrong password").status, 429) << "but not from here any more";
    on.time().advance_ns(10 * ns_per_s);
    EXPECT_EQ(login(on, "ada", "wrong password").status, 401);
    EXPECT_NE(on.numbers().render().find("reprise_requests_limited_total{limit=\"sign_in\"} 2"), std::string::npos);
}

TEST(passwords, weak_ones_are_refused_with_the_reason)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    for (const std::string weak : {"short", "aaaaaaaaaaaaaaa", "ada ada lovelace", ""}) {
        const raw_answer answer = set_password(on, ada, weak);
        EXPECT_EQ(answer.status, 422) << weak;
        EXPECT_EQ(code_of(answer), "password_weak");
    }
}

TEST(passwords, changing_one_needs_the_old_one_and_ends_other_sessions)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    ASSERT_EQ(set_password(on, ada, good).status, 200);
    const actor here = actor_of(on, login(on, "ada", good));
    const actor there = actor_of(on, login(on, "ada", good));

    EXPECT_EQ(code_of(set_password(on, here, "another good one")), "current_password_wrong");
    const raw_answer changed =
        set_password(on, here, "another good one", R"(,"current":")" + good + "\"");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(on.call(there, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(login(on, "ada", good).status, 401);
    EXPECT_EQ(login(on, "ada", "another good one").status, 200);
}

TEST(passwords, what_matters_wants_a_proof_of_the_last_ten_minutes)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    const actor old = actor_of(on, set_password(on, ada, good));
    on.time().advance_ns(fresh_authentication_ns + 1);
    EXPECT_EQ(code_of(set_password(on, old, "another good one")), "reauthentication_required");

    const auto prove = [&](const std::string& password) {
        return on.call(old, "POST", "/api/v1/auth/reauthenticate", R"({"password":")" + password + "\"}");
    };
    EXPECT_EQ(code_of(prove("wrong password")), "credentials_refused");
    EXPECT_EQ(on.call(old, "GET", "/api/v1/me").status, 200) << "a wrong one ends nothing";
    const raw_answer proved = prove(good);
    ASSERT_EQ(proved.status, 200) << proved.body;
    EXPECT_EQ(on.call(old, "GET", "/api/v1/me").status, 401) << "a stolen token is worth nothing then";
    const actor fresh = actor_of(on, proved);
    const raw_answer changed = set_password(on, fresh, "another good one", R"(,"current":")" + good + "\"");
    EXPECT_EQ(changed.status, 200) << changed.body;
}

TEST(passwords, can_be_turned_off)
{
    test::api_options options;
    options.change = [](api_config& config) { config.passwords = false; };
    running_api on(std::move(options));
    const actor ada = on.sign_in("ada", "viewer");
    EXPECT_EQ(code_of(login(on, "ada", good)), "passwords_off");
    EXPECT_EQ(code_of(set_password(on, ada, good)), "passwords_off");
    const auto ways = json_of(on.raw("GET", "/api/v1/auth/ways", ""));
    EXPECT_EQ(ways.at("item").at("password").as_bool(), false);
    EXPECT_FALSE(ways.at("item").as_object().contains("oidc"));
}

TEST(passwords, are_long_and_not_the_name)
{
    EXPECT_EQ(find_password_weakness("correct horse battery", "ada"), "");
    EXPECT_NE(find_password_weakness("short", "ada"), "");
    EXPECT_NE(find_password_weakness(std::string(300, 'x'), "ada"), "");
    EXPECT_NE(find_password_weakness("aaaaaaaaaaaaaaaa", "ada"), "");
    EXPECT_NE(find_password_weakness("I am ADA lovelace", "ada"), "");
    EXPECT_EQ(find_password_weakness("correct horse battery", ""), "");
}

TEST(passwords, nobody_costs_as_much_as_somebody)
{
    EXPECT_TRUE(has_current_cost(std::string(nobodys_hash())));
}

}  // namespace
}  // namespace reprise::http
