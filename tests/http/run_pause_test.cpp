#include "schema_check.hpp"
#include "seeds.hpp"

#include <gtest/gtest.h>

namespace json = boost::json;

namespace reprise::http {
namespace {

using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::last_audit;
using test::running_api;
using test::seed;

const std::string runs = "/api/v1/runs";

json::value pause_on(running_api& on, const actor& who)
{
    return json_of(on.call(who, "GET", "/api/v1/overview")).at("item").at("run_pause");
}

TEST(pause_of_all_runs, all_runs_are_paused_with_a_reason_and_resumed)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    seed(on);
    EXPECT_FALSE(pause_on(on, who).at("paused").as_bool());

    const auto paused = on.call(who, "POST", runs + "/pause", R"({"reason":"the target is shared today"})");
    ASSERT_EQ(paused.status, 200) << paused.body;
    const auto item = json_of(paused).at("item");
    EXPECT_EQ(find_misfit(item, "RunPause"), "");
    EXPECT_TRUE(item.at("paused").as_bool());
    EXPECT_EQ(item.at("paused_by").as_string(), "ada");
    EXPECT_EQ(last_audit(on), R"(run.pause_all {"reason":"the target is shared today"})");
    EXPECT_EQ(pause_on(on, who).at("reason").as_string(), "the target is shared today");

    const auto resumed = on.call(who, "POST", runs + "/resume", R"({"comment":"free again"})");
    ASSERT_EQ(resumed.status, 200) << resumed.body;
    EXPECT_FALSE(json_of(resumed).at("item").at("paused").as_bool());
    EXPECT_EQ(last_audit(on), R"(run.resume_all {"comment":"free again"})");
}

TEST(pause_of_all_runs, what_is_so_already_is_a_conflict_that_says_so)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");

    EXPECT_EQ(code_of(on.call(who, "POST", runs + "/resume", "{}")), "not_paused");
    ASSERT_EQ(on.call(who, "POST", runs + "/pause", R"({"reason":"a"})").status, 200);
    EXPECT_EQ(code_of(on.call(who, "POST", runs + "/pause", R"({"reason":"b"})")), "already_paused");
    EXPECT_EQ(pause_on(on, who).at("reason").as_string(), "a");
}

TEST(pause_of_all_runs, a_pause_needs_a_reason_and_an_operator)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const actor looks = on.sign_in("vic", "viewer");

    for (const std::string body : {"{}", R"({"reason":" "})", R"({"reason":7})", R"({"reason":"a","until":"x"})", "["})
        EXPECT_EQ(on.call(who, "POST", runs + "/pause", body).status, 400) << body;
    const auto misspelt = json_of(on.call(who, "POST", runs + "/pause", R"({"reason":"a","until":"x"})"));
    EXPECT_EQ(misspelt.at("detail").as_string(), "A pause has no member \"until\"; known: reason.");
    EXPECT_EQ(on.call(looks, "POST", runs + "/pause", R"({"reason":"a"})").status, 403);
    EXPECT_FALSE(pause_on(on, looks).at("paused").as_bool()) << "who looks may know";
    EXPECT_FALSE(pause_on(on, who).at("paused").as_bool());
}

}  // namespace
}  // namespace reprise::http
