#include "schema_check.hpp"
#include "seeds.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::last_audit;
using test::running_api;
using test::seed;

const std::string work = "/api/v1/work";

TEST(work_requests, all_runs_are_paused_with_a_reason_and_resumed)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    EXPECT_FALSE(json_of(on.call(who, "GET", work)).at("item").at("paused").as_bool());

    const auto paused = on.call(who, "POST", work + "/pause", R"({"reason":"the target is shared today"})");
    ASSERT_EQ(paused.status, 200) << paused.body;
    const auto item = json_of(paused).at("item");
    EXPECT_EQ(find_misfit(item, "Work"), "");
    EXPECT_TRUE(item.at("paused").as_bool());
    EXPECT_EQ(item.at("paused_by").as_string(), "ada");
    EXPECT_EQ(last_audit(on), R"(work.pause {"reason":"the target is shared today"})");
    const auto overview = json_of(on.call(who, "GET", "/api/v1/overview")).at("item");
    EXPECT_EQ(overview.at("work").at("reason").as_string(), "the target is shared today");

    const auto resumed = on.call(who, "POST", work + "/resume", R"({"comment":"free again"})");
    ASSERT_EQ(resumed.status, 200) << resumed.body;
    EXPECT_FALSE(json_of(resumed).at("item").at("paused").as_bool());
    EXPECT_EQ(last_audit(on), R"(work.resume {"comment":"free again"})");
}

TEST(work_requests, what_is_so_already_is_a_conflict_that_says_so)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");

    EXPECT_EQ(code_of(on.call(who, "POST", work + "/resume", "{}")), "not_paused");
    ASSERT_EQ(on.call(who, "POST", work + "/pause", R"({"reason":"a"})").status, 200);
    EXPECT_EQ(code_of(on.call(who, "POST", work + "/pause", R"({"reason":"b"})")), "already_paused");
    EXPECT_EQ(json_of(on.call(who, "GET", work)).at("item").at("reason").as_string(), "a");
}

TEST(work_requests, a_pause_needs_a_reason_and_an_operator)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const actor looks = on.sign_in("vic", "viewer");

    for (const std::string body : {"{}", R"({"reason":" "})", R"({"reason":7})", R"({"reason":"a","until":"x"})", "["})
        EXPECT_EQ(on.call(who, "POST", work + "/pause", body).status, 400) << body;
    EXPECT_EQ(on.call(looks, "POST", work + "/pause", R"({"reason":"a"})").status, 403);
    EXPECT_EQ(on.call(looks, "GET", work).status, 200);
    EXPECT_FALSE(json_of(on.call(who, "GET", work)).at("item").at("paused").as_bool());
}

}  // namespace
}  // namespace reprise::http
