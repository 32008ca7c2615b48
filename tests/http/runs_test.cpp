#include "schema_check.hpp"
#include "seeds.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::last_audit;
using test::running_api;
using test::seed;
using test::seeded;

const std::string runs = "/api/v1/runs";
const std::string dead_letters = "/api/v1/dead-letters";

void set_state(running_api& on, const std::string& id, model::run_state state)
{
    const auto save = [&](store::transaction& tx) -> result<void> {
        auto run = store::find_run(tx, id).value().value();
        run.state = state;
        run.updated_ns = on.time().now_ns();
        return store::save_run_by_version(tx, run, run.version);
    };
    on.write(save).value();
}

TEST(run_requests, a_run_is_paused_resumed_and_put_forward)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const std::string path = runs + "/" + all.run.id;
    EXPECT_EQ(on.call(who, "POST", path + "/pause", "{}").status, 409) << "it waits at the gate";
    set_state(on, all.run.id, model::run_state::queued);

    const raw_answer paused = on.call(who, "POST", path + "/pause", R"({"comment":"later"})");
    EXPECT_EQ(paused.status, 200) << paused.body;
    const auto item = json_of(paused).at("item");
    EXPECT_EQ(find_misfit(item, "Run"), "");
    EXPECT_EQ(item.at("state").as_string(), "paused");
    EXPECT_EQ(item.at("hold").as_string(), "person");
    EXPECT_EQ(item.at("hold_why").as_string(), "paused by user:ada: later");
    EXPECT_EQ(last_audit(on), R"(run.pause {"comment":"later"})");

    const raw_answer first = on.call(who, "POST", path + "/priority", R"({"priority":90})");
    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(json_of(first).at("item").at("priority").as_int64(), 90);

    const raw_answer resumed = on.call(who, "POST", path + "/resume", "{}");
    EXPECT_EQ(resumed.status, 200) << resumed.body;
    EXPECT_EQ(json_of(resumed).at("item").at("state").as_string(), "queued");
    EXPECT_EQ(code_of(on.call(who, "POST", path + "/resume", "{}")), "illegal_transition");
}

TEST(run_requests, bad_input_is_refused_and_changes_nothing)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    set_state(on, all.run.id, model::run_state::queued);
    const std::string path = runs + "/" + all.run.id;

    for (const std::string body : {"{}", R"({"priority":101})", R"({"priority":-1})", R"({"priority":"9"})",
                                   R"({"priority":1.5})", R"({"priority":1,"state":"queued"})"})
        EXPECT_EQ(on.call(who, "POST", path + "/priority", body).status, 400) << body;
    EXPECT_EQ(on.call(who, "POST", path + "/pause", R"({"from_step":"gate"})").status, 400);
    EXPECT_EQ(on.call(who, "POST", path + "/pause", "{}", "If-Match: \"1\"\r\n").status, 412);
    EXPECT_EQ(on.call(who, "POST", runs + "/" + test::missing_id + "/pause", "{}").status, 404);
    set_state(on, all.run.id, model::run_state::dead_letter);
    const raw_answer no_step = on.call(who, "POST", path + "/retry", R"({"from_step":"deploy"})");
    EXPECT_EQ(no_step.status, 422);
    EXPECT_EQ(code_of(no_step), "unknown_step");
    EXPECT_EQ(last_audit(on), "");
}

TEST(run_requests, only_operators_act)
{
    running_api on;
    const actor who = on.sign_in("eve", "viewer,approver,admin");
    const seeded all = seed(on);
    for (const std::string verb : {"pause", "resume", "priority", "retry", "cancel"})
        EXPECT_EQ(on.call(who, "POST", runs + "/" + all.run.id + "/" + verb, "{}").status, 403) << verb;
    for (const std::string verb : {"replay", "discard"})
        EXPECT_EQ(on.call(who, "POST", dead_letters + "/" + all.run.id + "/" + verb, "{}").status, 403) << verb;
    EXPECT_EQ(on.call(who, "POST", runs, R"({"kind":"reproduce","incident":"x"})").status, 403);
    EXPECT_EQ(on.call(who, "GET", dead_letters).status, 200);
}

TEST(run_requests, runs_are_listed_by_kind)
{
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);

    EXPECT_EQ(json_of(on.call(who, "GET", runs + "?kind=reproduce")).at("items").as_array().size(), 1U);
    EXPECT_EQ(json_of(on.call(who, "GET", runs + "?kind=fix")).at("items").as_array().size(), 0U);
    EXPECT_EQ(on.call(who, "GET", runs + "?kind=guess").status, 400);
    const std::string both = runs + "?kind=reproduce&state=waiting_approval&incident=" + all.incident.id;
    EXPECT_EQ(json_of(on.call(who, "GET", both)).at("items").as_array().size(), 1U);
}

TEST(run_requests, a_reproduce_run_is_queued_by_hand_and_other_kinds_say_the_way_out)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    const auto post = [&](const std::string& body) { return on.call(who, "POST", runs, body); };
    const std::string wanted = R"({"kind":"reproduce","incident":")" + all.incident.id + R"(","priority":70})";

    EXPECT_EQ(code_of(post(wanted)), "active_run") << "one waits at the gate";
    EXPECT_EQ(on.call(who, "POST", runs + "/" + all.run.id + "/cancel", "{}").status, 200);
    const raw_answer queued = post(wanted);
    EXPECT_EQ(queued.status, 200) << queued.body;
    const auto item = json_of(queued).at("item");
    EXPECT_EQ(find_misfit(item, "Run"), "");
    EXPECT_EQ(item.at("state").as_string(), "queued");
    EXPECT_EQ(item.at("priority").as_int64(), 70);
    EXPECT_EQ(item.at("generation").as_int64(), 2);

    const std::string incident = R"(","incident":")" + all.incident.id + "\"}";
    for (const std::string kind : {"publish", "fix"})
        EXPECT_EQ(post(R"({"kind":")" + kind + incident).status, 422) << kind;
    EXPECT_EQ(post(R"({"kind":"guess)" + incident).status, 400);
    EXPECT_EQ(post(R"({"kind":"reproduce"})").status, 400);
    EXPECT_EQ(post(R"({"kind":"reproduce","incident":"nobody"})").status, 404);
}

TEST(run_requests, dead_letters_are_listed_and_discarded_with_a_reason)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    EXPECT_EQ(json_of(on.call(who, "GET", dead_letters)).at("items").as_array().size(), 0U);
    const std::string path = dead_letters + "/" + all.run.id;
    EXPECT_EQ(code_of(on.call(who, "POST", path + "/replay", "{}")), "illegal_transition");
    set_state(on, all.run.id, model::run_state::dead_letter);

    const auto page = json_of(on.call(who, "GET", dead_letters));
    ASSERT_EQ(page.at("items").as_array().size(), 1U);
    const auto& item = page.at("items").at(0);
    EXPECT_EQ(find_misfit(item, "DeadLetter"), "");
    EXPECT_EQ(item.at("incident_title").as_string(), all.incident.title);

    const raw_answer silent = on.call(who, "POST", path + "/discard", "{}");
    EXPECT_EQ(silent.status, 422);
    EXPECT_EQ(code_of(silent), "comment_required");
    const raw_answer discarded = on.call(who, "POST", path + "/discard", R"({"comment":"done by hand"})");
    EXPECT_EQ(discarded.status, 200) << discarded.body;
    EXPECT_EQ(json_of(discarded).at("item").at("state").as_string(), "discarded");
    EXPECT_EQ(last_audit(on), R"(run.discard {"comment":"done by hand"})");
    EXPECT_EQ(json_of(on.call(who, "GET", dead_letters)).at("items").as_array().size(), 0U);
}

TEST(run_requests, a_dead_letter_whose_incident_moved_on_is_not_replayed)
{
    running_api on;
    const actor who = on.sign_in("ada", "operator");
    const seeded all = seed(on);
    set_state(on, all.run.id, model::run_state::dead_letter);

    const raw_answer answer = on.call(who, "POST", dead_letters + "/" + all.run.id + "/replay", "{}");

    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(code_of(answer), "not_awaited");
}

}  // namespace
}  // namespace reprise::http
