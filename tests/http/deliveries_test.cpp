#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/deliveries.hpp"
#include "reprise/store/notices.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using reprise::test::raw_answer;
using test::actor;
using test::code_of;
using test::find_misfit;
using test::json_of;
using test::running_api;
using test::seed;

class deliveries_test : public testing::Test {
protected:
    running_api on;
    actor who = on.sign_in("ada", "operator");

    boost::json::array list(const std::string& query = {})
    {
        const raw_answer answer = on.call(who, "GET", "/api/v1/deliveries" + query);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json_of(answer).at("items").as_array();
    }
    std::string first_id() { return std::string(list().back().at("id").as_string()); }
    raw_answer replay(const std::string& id)
    {
        return on.call(who, "POST", "/api/v1/deliveries/" + id + "/replay");
    }
    void fail(const std::string& id)
    {
        auto work = [&id](store::transaction& tx) -> result<void> {
            const auto one = store::find_delivery(tx, id);
            const auto claimed = store::claim_deliveries(tx, (*one)->endpoint_id, test::t0 + 60 * ns_per_s, 1, 10);
            for (const store::delivery& each : *claimed) {
                store::delivery_end end;
                end.state = store::delivery_state::failed;
                end.status = 500;
                end.error = "answered 500";
                end.snippet = "<b>no</b>";
                if (auto ended = store::end_attempt(tx, each.id, each.attempts, end, test::t0); !ended)
                    return ended;
            }
            return {};
        };
        on.write(std::move(work)).value();
    }
};

TEST_F(deliveries_test, are_listed_newest_first_by_endpoint_and_state)
{
    seed(on);
    const auto all = list();
    ASSERT_GE(all.size(), 2U) << "an incident and an approval were told";
    EXPECT_EQ(all.back().at("type").as_string(), "incident.opened");
    EXPECT_EQ(find_misfit(all.front(), "Delivery"), "");
    EXPECT_EQ(list("?state=pending").size(), all.size());
    EXPECT_TRUE(list("?state=failed").empty());
    const std::string endpoint(all.front().at("endpoint").as_string());
    EXPECT_EQ(list("?endpoint=" + endpoint).size(), all.size());
    EXPECT_TRUE(list("?endpoint=other").empty());
    EXPECT_EQ(on.call(who, "GET", "/api/v1/deliveries?state=lost").status, 400);

    const raw_answer page = on.call(who, "GET", "/api/v1/deliveries?limit=1");
    const std::string next(json_of(page).at("next").as_string());
    EXPECT_EQ(list("?limit=1&after=" + next).front().at("id"), all[1].at("id"));
}

TEST_F(deliveries_test, a_failed_one_shows_why_and_is_sent_again_on_request)
{
    seed(on);
    const std::string id = first_id();
    EXPECT_EQ(code_of(replay(id)), "still_waiting");
    fail(id);
    const auto failed = list("?state=failed").back();
    EXPECT_EQ(failed.at("status").to_number<int>(), 500);
    EXPECT_EQ(failed.at("error").as_string(), "answered 500");
    EXPECT_EQ(failed.at("snippet").as_string(), "<b>no</b>");

    const raw_answer replayed = replay(id);
    EXPECT_EQ(replayed.status, 200) << replayed.body;
    EXPECT_EQ(json_of(replayed).at("item").at("state").as_string(), "pending");
    EXPECT_EQ(json_of(replayed).at("item").at("message_id"), failed.at("message_id"));
    EXPECT_EQ(replay(test::missing_id).status, 404);
}

TEST_F(deliveries_test, nothing_is_sent_again_to_an_endpoint_that_is_off)
{
    seed(on);
    const std::string id = first_id();
    const std::string endpoint(list().back().at("endpoint").as_string());
    on.write([&](store::transaction& tx) { return store::disable_endpoint(tx, endpoint, "gone", 7); }).value();
    const raw_answer refused = replay(id);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "endpoint_off");
}

TEST_F(deliveries_test, a_person_is_linked_to_one_slack_user)
{
    const actor admin = on.sign_in("root", "admin");
    const auto put = [&](const std::string& id, const std::string& user) {
        return on.call(admin, "PUT", "/api/v1/users/" + id + "/slack", R"({"slack_user_id":")" + user + "\"}");
    };
    const raw_answer linked = put(who.person.id, "U0123456789");
    EXPECT_EQ(linked.status, 200) << linked.body;
    EXPECT_EQ(find_misfit(json_of(linked).at("item"), "SlackPerson"), "");
    EXPECT_EQ(code_of(put(admin.person.id, "U0123456789")), "linked_elsewhere");
    EXPECT_EQ(put(test::missing_id, "U1").status, 404);
    for (const std::string bad : {"ada", "u0123", "C0123456789", "U0123<", "U"})
        EXPECT_EQ(put(who.person.id, bad).status, 400) << bad;
    EXPECT_EQ(on.call(admin, "PUT", "/api/v1/users/" + who.person.id + "/slack", "{}").status, 400);
    const auto people = json_of(on.call(admin, "GET", "/api/v1/slack/people")).at("items").as_array();
    ASSERT_EQ(people.size(), 1U);
    EXPECT_EQ(people[0].at("linked_by").as_string(), "user:root");
    EXPECT_EQ(put(who.person.id, "").status, 200);
    EXPECT_TRUE(json_of(on.call(admin, "GET", "/api/v1/slack/people")).at("items").as_array().empty());
}

}  // namespace
}  // namespace reprise::http
