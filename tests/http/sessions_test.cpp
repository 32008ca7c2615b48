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

std::vector<store::audit_row> audit_of(running_api& on)
{
    return on.store().read_blocking([](store::reader& from) { return store::list_audit(from, 0, 200); }).value();
}

TEST(sessions, are_listed_to_their_person_and_all_of_them_to_an_administrator)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    const actor boss = on.sign_in("boss", "admin");
    const auto mine = json_of(on.call(ada, "GET", "/api/v1/sessions"));
    ASSERT_EQ(mine.at("items").as_array().size(), 1U);
    EXPECT_TRUE(mine.at("items").at(0).at("is_mine").as_bool());
    EXPECT_EQ(mine.at("items").at(0).at("person").as_string(), "ada");
    EXPECT_EQ(code_of(on.call(ada, "GET", "/api/v1/sessions?all=true")), "role_required");
    EXPECT_EQ(json_of(on.call(boss, "GET", "/api/v1/sessions?all=true")).at("items").as_array().size(), 2U);
    EXPECT_EQ(code_of(on.call(boss, "GET", "/api/v1/sessions?all=maybe")), "bad_request");
}

TEST(sessions, end_by_their_person_or_an_administrator_and_nobody_else)
{
    running_api on;
    const actor ada = on.sign_in("ada", "viewer");
    const actor eve = on.sign_in("eve", "operator");
    const actor boss = on.sign_in("boss", "admin");
    const auto items = json_of(on.call(ada, "GET", "/api/v1/sessions")).at("items");
    const std::string path = "/api/v1/sessions/" + std::string(items.at(0).at("id").as_string());

    EXPECT_EQ(on.call(eve, "DELETE", path).status, 404);
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/me").status, 200);
    EXPECT_EQ(on.call(boss, "DELETE", path).status, 204);
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/me").status, 401);
    EXPECT_EQ(on.call(boss, "DELETE", path).status, 404);
    EXPECT_EQ(audit_of(on).back().entry.action, "session.end");
}

TEST(sessions, asking_without_end_is_answered_with_429)
{
    test::api_options options;
    options.change = [](api_config& config) {
        config.limits.calls_burst = 3;
        config.limits.calls_per_s = 1;
    };
    running_api on(std::move(options));
    const actor ada = on.sign_in("ada", "viewer");
    const actor bob = on.sign_in("bob", "viewer");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(on.call(ada, "GET", "/api/v1/me").status, 200);
    const raw_answer limited = on.call(ada, "GET", "/api/v1/me");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.header("retry-after"), "1");
    EXPECT_EQ(on.call(bob, "GET", "/api/v1/me").status, 200);
    on.time().advance_ns(ns_per_s);
    EXPECT_EQ(on.call(ada, "GET", "/api/v1/me").status, 200);
}

}  // namespace
}  // namespace reprise::http
