#include "running_api.hpp"
#include "schema_check.hpp"
#include "seeds.hpp"

#include "reprise/store/hook_deliveries.hpp"
#include "reprise/store/publications.hpp"

#include <gtest/gtest.h>

namespace reprise::http {
namespace {

using test::actor;
using test::find_misfit;
using test::json_of;
using test::running_api;

test::api_options with_integrations()
{
    test::api_options options;
    options.change = [](api_config& config) {
        config.integrations.trackers = {"file", "github"};
        config.integrations.log_stores = {"production"};
        config.integrations.hook_sources = {"github", "generic/backup"};
    };
    return options;
}

// "tracker file quiet", in the order of the answer.
std::string states_of(const boost::json::value& page)
{
    std::string text;
    for (const boost::json::value& each : page.at("items").as_array()) {
        EXPECT_EQ(find_misfit(each, "Integration"), "");
        for (const char* name : {"kind", "name", "state"})
            text += std::string(each.at(name).as_string()) + (std::string_view(name) == "state" ? "\n" : " ");
    }
    return text;
}

TEST(integrations, are_listed_as_configured_with_how_they_have_been_doing)
{
    running_api on(with_integrations());
    const actor who = on.sign_in("vera", "viewer");
    const auto list = [&] { return json_of(on.call(who, "GET", "/api/v1/integrations")); };
    EXPECT_EQ(
        states_of(list()), "tracker file quiet\ntracker github quiet\nlog_store production quiet\n"
                           "hook_source github quiet\nhook_source generic/backup quiet\n"
    );

    test::seed(on);  // Asks file:tickets for a ticket.
    test::seed_alarms(on);
    test::seed_hook(on, "1", store::hook_state::failed);
    auto publish = [&](store::transaction& tx) -> result<void> {
        const auto claimed = store::claim_publication(tx, on.time().now_ns(), ns_per_s);
        if (!claimed)
            return claimed.error();
        const store::publication& one = claimed->value();
        return store::mark_published(tx, one.id, one.attempts, "tickets/1.md", on.time().now_ns());
    };
    on.write(std::move(publish)).value();

    const auto page = list();
    const auto& items = page.at("items").as_array();
    EXPECT_EQ(items.at(0).at("state").as_string(), "good");
    EXPECT_TRUE(items.at(0).as_object().contains("succeeded_at"));
    EXPECT_EQ(items.at(3).at("state").as_string(), "failing");
    EXPECT_EQ(items.at(3).at("error").as_string(), "no JSON");
    EXPECT_TRUE(items.at(3).as_object().contains("failed_at"));
    EXPECT_EQ(items.size(), 5U) << "what is not configured is not listed, whatever is kept of it";
}

TEST(integrations, a_tracker_that_refused_the_newest_ticket_is_failing)
{
    running_api on(with_integrations());
    const actor who = on.sign_in("vera", "viewer");
    test::seed(on);
    auto fail = [&](store::transaction& tx) -> result<void> {
        const auto claimed = store::claim_publication(tx, on.time().now_ns(), ns_per_s);
        if (!claimed)
            return claimed.error();
        const store::publication& one = claimed->value();
        return store::mark_failed(tx, one.id, one.attempts, "401: bad credentials", {}, on.time().now_ns());
    };
    on.write(std::move(fail)).value();

    const auto file = json_of(on.call(who, "GET", "/api/v1/integrations")).at("items").at(0);

    EXPECT_EQ(file.at("state").as_string(), "failing");
    EXPECT_EQ(file.at("error").as_string(), "401: bad credentials");
    EXPECT_FALSE(file.as_object().contains("succeeded_at"));
}

TEST(integrations, are_for_whoever_may_read)
{
    running_api on(with_integrations());
    EXPECT_EQ(on.call(actor(), "GET", "/api/v1/integrations").status, 401);
}

// Answers at once what it was told.
class telling_tracker final : public forge::remote_tracker {
public:
    explicit telling_tracker(forge::check_result answer) : answer_(std::move(answer)) {}

    bool takes(std::string_view) const noexcept override { return false; }
    boost::asio::awaitable<forge::effect_result> publish(forge::effect) override
    {
        co_return forge::published_effect();
    }
    boost::asio::awaitable<forge::check_result> check() override { co_return answer_; }

private:
    forge::check_result answer_;
};

TEST(integrations, an_administrator_asks_a_tracker_who_we_are_there)
{
    metrics numbers;
    forge::tracker_set trackers(numbers);
    forge::effect_failure refused;
    refused.text = "Linear refused the token: 401";
    trackers.add_remote("github", std::make_unique<telling_tracker>(std::string("signed in as app reprise")));
    trackers.add_remote("linear", std::make_unique<telling_tracker>(refused));
    test::api_options options = with_integrations();
    options.change_parts = [&trackers](api_parts& parts) { parts.outside.trackers = &trackers; };
    running_api on(options);
    const actor ada = on.sign_in("ada", "admin");
    const auto listed = json_of(on.call(ada, "GET", "/api/v1/integrations")).at("items");
    EXPECT_FALSE(listed.at(0).at("can_ask").as_bool()) << "a directory";
    EXPECT_TRUE(listed.at(1).at("can_ask").as_bool());

    const auto works = json_of(on.call(ada, "POST", "/api/v1/trackers/github/check")).at("item");
    EXPECT_EQ(find_misfit(works, "TrackerCheck"), "");
    EXPECT_TRUE(works.at("works").as_bool());
    EXPECT_EQ(works.at("text").as_string(), "signed in as app reprise");
    const auto fails = json_of(on.call(ada, "POST", "/api/v1/trackers/linear/check")).at("item");
    EXPECT_FALSE(fails.at("works").as_bool());
    EXPECT_EQ(fails.at("text").as_string(), "Linear refused the token: 401");
    const auto nobody = on.call(ada, "POST", "/api/v1/trackers/file/check");
    EXPECT_EQ(nobody.status, 404);
    EXPECT_NE(nobody.body.find("configured are github, linear"), std::string::npos) << nobody.body;
    const actor otto = on.sign_in("otto", "operator");
    EXPECT_EQ(on.call(otto, "POST", "/api/v1/trackers/github/check").status, 403);
}

}  // namespace
}  // namespace reprise::http
