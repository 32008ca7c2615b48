#include "running_api.hpp"
#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/audit.hpp"
#include "reprise/store/hook_deliveries.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed_hook;

TEST(hooks, are_listed_for_operators_by_state_and_source)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const auto failed = seed_hook(on, "1", store::hook_state::failed);
    seed_hook(on, "2", store::hook_state::waiting);

    const auto page = json_of(on.call(who, "GET", "/api/v1/hooks"));
    EXPECT_EQ(find_misfit(page.at("items").at(0), "Hook"), "");
    EXPECT_EQ(page.at("items").as_array().size(), 2U);
    const auto filtered = json_of(on.call(who, "GET", "/api/v1/hooks?state=failed&source=github"));
    ASSERT_EQ(filtered.at("items").as_array().size(), 1U);
    EXPECT_EQ(filtered.at("items").at(0).at("id").as_string(), failed.id);
    EXPECT_EQ(filtered.at("items").at(0).at("reason").as_string(), "no JSON");
    EXPECT_FALSE(filtered.at("items").at(0).as_object().contains("body"));
    EXPECT_EQ(on.call(who, "GET", "/api/v1/hooks?state=lost").status, 400);
    EXPECT_EQ(on.call(on.sign_in("bob", "viewer"), "GET", "/api/v1/hooks").status, 403);
}

TEST(hooks, are_replayed_by_operators_and_that_is_audited)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const auto failed = seed_hook(on, "1", store::hook_state::failed);
    const auto waiting = seed_hook(on, "2", store::hook_state::waiting);

    const auto replayed = on.call(who, "POST", "/api/v1/hooks/" + failed.id + "/replay", "{}");
    EXPECT_EQ(replayed.status, 200) << replayed.body;
    EXPECT_EQ(json_of(replayed).at("item").at("state"), "waiting");
    const auto again = on.call(who, "POST", "/api/v1/hooks/" + waiting.id + "/replay", "{}");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "not_replayable");
    EXPECT_EQ(on.call(who, "POST", "/api/v1/hooks/" + test::missing_id + "/replay", "{}").status, 404);
    const actor viewer = on.sign_in("bob", "viewer");
    EXPECT_EQ(on.call(viewer, "POST", "/api/v1/hooks/" + failed.id + "/replay", "{}").status, 403);

    auto list = [](const store::reader& from) { return store::list_audit(from, 0, 100); };
    const auto rows = on.store().read_blocking(std::move(list)).value();
    EXPECT_EQ(rows.back().entry.action, "hook.replay");
    EXPECT_EQ(rows.back().entry.object, "hook/" + failed.id);
}

}  // namespace
}  // namespace reprise::http
