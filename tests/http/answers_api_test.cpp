#include "seeds.hpp"

#include "reprise/store/archive_objects.hpp"
#include "reprise/store/run_answers.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::code_of;
using test::json_of;
using test::running_api;
using test::seed;
using test::seeded;

model::exchange_answers answers_of(std::uint32_t exchange, model::answer_arm arm, int status, std::string body)
{
    model::exchange_answers made;
    made.exchange = exchange;
    made.arm = arm;
    made.statuses = {{1, {{status, 10}}}, {2, {{0, 1}, {status, 9}}}};
    made.shown.trial = 2;
    made.shown.shows = true;
    made.shown.answered = true;
    made.shown.status = status;
    made.shown.latency_ns = 31 * ns_per_ms;
    made.shown.headers = {{"content-type", "text/html"}, {"set-cookie", "sid=<token:0a1b2c3d>"}};
    made.shown.body_bytes = body.size();
    made.shown.body = std::move(body);
    made.shown.redacted_fields = {"response.header.set-cookie"};
    return made;
}

class answers_api : public testing::Test {
protected:
    running_api on;
    const actor who = on.sign_in("ada", "viewer");
    const seeded all = seed(on);
    const std::string path = "/api/v1/runs/" + all.run.id + "/answers";

    void keep(const std::vector<model::exchange_answers>& answers)
    {
        const auto save = [&](store::transaction& tx) {
            return store::save_run_answers(tx, all.run.id, all.evidence.id, answers, test::t0);
        };
        on.write(save).value();
    }
    // The captured bodies are "<script>alert(1)</script>", without headers.
    void keep_three()
    {
        keep({
            answers_of(0, model::answer_arm::failing, 500, "<script>alert(1)</script>"),
            answers_of(0, model::answer_arm::last_good, 200, "fine"),
            answers_of(1, model::answer_arm::failing, 502, "<script>alert(2)</script>"),
            answers_of(2, model::answer_arm::control, 200, "<script>alert(1)</script>"),
        });
    }
};

TEST_F(answers_api, lists_what_was_answered_beside_what_was_captured_in_pages)
{
    keep_three();

    const auto first = json_of(on.call(who, "GET", path + "?limit=2"));
    const std::string next(first.at("next").as_string());
    const auto second = json_of(on.call(who, "GET", path + "?limit=2&after=" + next));

    ASSERT_EQ(first.at("items").as_array().size(), 2U);
    const auto& same = first.at("items").at(0);
    EXPECT_EQ(same.at("exchange"), 0);
    EXPECT_EQ(same.at("role"), "failing");
    EXPECT_EQ(same.at("path"), "/orders?n=0");
    EXPECT_EQ(same.at("captured").at("status"), 500);
    EXPECT_EQ(same.at("captured").at("latency_ms").to_number<double>(), 20);
    EXPECT_EQ(same.at("replayed").at("status"), 500);
    EXPECT_EQ(same.at("replayed").at("latency_ms").to_number<double>(), 31);
    EXPECT_EQ(same.at("replayed").at("trials"), 2);
    EXPECT_EQ(same.at("replayed").at("answers").at(0).at("status"), 0);
    EXPECT_EQ(same.at("replayed").at("answers").at(1).at("count"), 19);
    EXPECT_EQ(same.at("last_good").at("status"), 200);
    EXPECT_EQ(same.at("match"), "same");
    EXPECT_EQ(same.at("differences"), 0);
    const auto& changed = first.at("items").at(1);
    EXPECT_EQ(changed.at("match"), "changed");
    EXPECT_EQ(changed.at("differences"), 2) << "status and body";
    EXPECT_FALSE(changed.as_object().contains("last_good"));
    ASSERT_EQ(second.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("items").at(0).at("role"), "control");
    EXPECT_FALSE(second.as_object().contains("next"));
}

TEST_F(answers_api, shows_one_exchange_with_all_sides_and_what_differs)
{
    keep_three();

    const auto item = json_of(on.call(who, "GET", path + "/0")).at("item");

    EXPECT_EQ(item.at("run_id").as_string(), all.run.id);
    EXPECT_EQ(item.at("evidence_id").as_string(), all.evidence.id);
    EXPECT_EQ(item.at("captured").at("body"), "<script>alert(1)</script>");
    EXPECT_EQ(item.at("replayed").at("body"), "<script>alert(1)</script>");
    EXPECT_EQ(item.at("replayed").at("body_bytes"), 25);
    EXPECT_EQ(item.at("replayed").at("headers").at(1).at(1), "sid=<token:0a1b2c3d>");
    EXPECT_EQ(item.at("replayed").at("redacted_fields").at(0), "response.header.set-cookie");
    EXPECT_EQ(item.at("last_good").at("body"), "fine");
    const auto& comparisons = item.at("comparisons").as_array();
    ASSERT_EQ(comparisons.size(), 3U);
    EXPECT_EQ(comparisons[0].at("left"), "captured");
    EXPECT_EQ(comparisons[0].at("right"), "replayed");
    EXPECT_TRUE(comparisons[0].at("matches").as_bool());
    EXPECT_FALSE(comparisons[0].at("has_headers").as_bool()) << "none were captured";
    EXPECT_EQ(comparisons[2].at("left"), "last_good");
    EXPECT_EQ(comparisons[2].at("differences").at(0).at("path"), "status");
    EXPECT_EQ(comparisons[2].at("differences").at(0).at("left"), "200");
}

TEST_F(answers_api, leave_out_what_the_reader_says_does_not_count)
{
    keep_three();
    const auto first = [&](const std::string& query) {
        const auto item = json_of(on.call(who, "GET", path + "/1" + query)).at("item");
        return item.at("comparisons").at(0).at("matches").as_bool();
    };

    EXPECT_FALSE(first(""));
    EXPECT_FALSE(first("?ignore=status"));
    EXPECT_TRUE(first("?ignore=status,body:1&order=any"));
    for (const char* wrong : {"?ignore=items/id", "?order=mine", "?ignore=status,,body"})
        EXPECT_EQ(on.call(who, "GET", path + "/1" + wrong).status, 400) << wrong;
}

TEST_F(answers_api, a_run_that_kept_nothing_has_an_empty_list)
{
    EXPECT_TRUE(json_of(on.call(who, "GET", path)).at("items").as_array().empty());
    EXPECT_EQ(on.call(who, "GET", path + "/0").status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/runs/nobody/answers").status, 404);
    EXPECT_EQ(on.call(who, "GET", "/api/v1/runs/nobody/answers/0").status, 404);
    EXPECT_EQ(on.call(who, "GET", path + "?after=-2").status, 400);
}

TEST_F(answers_api, an_exchange_that_was_not_sent_is_not_found)
{
    keep({answers_of(1, model::answer_arm::failing, 500, "")});

    EXPECT_EQ(on.call(who, "GET", path + "/1").status, 200);
    for (const char* other : {"/0", "/2", "/17", "/x", "/99999999999999999999"})
        EXPECT_EQ(on.call(who, "GET", path + other).status, 404) << other;
}

TEST_F(answers_api, rows_of_exchanges_that_the_bundle_does_not_hold_are_left_out)
{
    keep({answers_of(40, model::answer_arm::failing, 500, "")});

    EXPECT_TRUE(json_of(on.call(who, "GET", path)).at("items").as_array().empty());
    EXPECT_EQ(on.call(who, "GET", path + "/40").status, 404);
}

TEST_F(answers_api, are_gone_with_their_evidence_and_say_when)
{
    keep_three();
    auto expire = [this](store::transaction& tx) -> result<void> {
        const auto object = store::find_archive_object(tx, all.evidence.path);
        return object ? store::begin_removal(tx, **object, test::t0 + ns_per_s) : object.error();
    };
    on.write(std::move(expire)).value();

    for (const char* part : {"", "/0"}) {
        const auto answer = on.call(who, "GET", path + part);
        EXPECT_EQ(answer.status, 410);
        EXPECT_EQ(code_of(answer), "evidence_expired");
        EXPECT_NE(answer.body.find("2023-11-14T22:13:21.000Z"), std::string::npos) << answer.body;
    }
}

TEST_F(answers_api, are_for_people_who_signed_in)
{
    keep_three();

    EXPECT_EQ(on.call(actor(), "GET", path).status, 401);
    EXPECT_EQ(on.call(actor(), "GET", path + "/0").status, 401);
}

}  // namespace
}  // namespace reprise::http
