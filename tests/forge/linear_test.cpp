#include "fake_linear.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using test::comment_effect;
using test::expect_once_whatever_fails;
using test::fake_answer;
using test::fake_linear;
using test::served;
using test::ticket_effect;
using testing::HasSubstr;
using testing::Not;
using kind = decltype(effect_failure::kind);
namespace json = boost::json;

std::unique_ptr<remote_tracker> make(served<fake_linear>& outside)
{
    linear_config config;
    config.api = outside.place("/graphql");
    config.token = secret(std::string(outside.fake.token));
    return make_linear_tracker(std::move(config), outside.time, outside.numbers);
}

fake_answer graphql_error(int status, const char* message, const char* code)
{
    json::object one{{"message", message}, {"extensions", json::object{{"code", code}}}};
    return fake_answer(status, json::object{{"errors", json::array{one}}});
}

class linear : public testing::Test {
protected:
    effect_result publish(const effect& wanted) { return outside.io.run(tracked->publish(wanted)); }

    served<fake_linear> outside;
    std::unique_ptr<remote_tracker> tracked = make(outside);
};

TEST_F(linear, makes_an_issue_under_an_id_that_follows_from_the_key)
{
    const effect wanted = ticket_effect("linear:ENG");

    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first) << first.error().text;
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted && second->same_content);
    EXPECT_EQ(first->url, second->url);
    ASSERT_EQ(outside.fake.issues.size(), 1U);
    EXPECT_THAT(outside.fake.issues[0].id, testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-.*"));
    EXPECT_THAT(outside.fake.issues[0].text, HasSubstr("`reprise-effect:" + wanted.key));
    EXPECT_THAT(outside.fake.issues[0].text, Not(HasSubstr("<!--")));
}

TEST_F(linear, when_the_id_is_taken_meanwhile_what_is_there_is_adopted)
{
    const effect wanted = ticket_effect("linear:ENG");
    ASSERT_TRUE(publish(wanted));
    // The first look sees nothing yet.
    json::object none{{"issues", json::object{{"nodes", json::array()}}},
                      {"teams", json::object{{"nodes", json::array{json::object{{"id", "team-1"}}}}}}};
    outside.fake.answer_with("POST /graphql", fake_answer(200, json::object{{"data", none}}), 1);

    const auto again = publish(wanted);

    ASSERT_TRUE(again) << again.error().text;
    EXPECT_TRUE(again->adopted);
    EXPECT_EQ(outside.fake.issues.size(), 1U);
}

TEST_F(linear, comments_on_an_issue_once)
{
    const effect wanted = comment_effect("linear:ENG", "https://linear.app/acme/issue/ENG-1/some-title");
    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first && second);
    EXPECT_TRUE(second->adopted);
    ASSERT_EQ(outside.fake.comments.size(), 1U);
    EXPECT_EQ(outside.fake.comments[0].on, "i-1");
    EXPECT_EQ(publish(comment_effect("linear:ENG", "https://linear.app/acme/project/x")).error().kind, kind::refused);
}

TEST_F(linear, errors_of_graphql_say_whether_another_try_helps)
{
    const auto answers = [this](const fake_answer& answer) {
        outside.fake.answer_with("POST /graphql", answer, 1);
        return publish(ticket_effect("linear:ENG")).error();
    };
    fake_answer limited = graphql_error(400, "Rate limit exceeded", "RATELIMITED");
    limited.headers = {{"X-RateLimit-Requests-Reset", "1764115320000"}};
    const auto later = answers(limited);
    EXPECT_EQ(later.kind, kind::later);
    EXPECT_EQ(later.retry_after, std::chrono::seconds(120));
    EXPECT_THAT(answers(graphql_error(401, "not authenticated", "AUTHENTICATION_ERROR")).text, HasSubstr("renew them"));
    EXPECT_THAT(answers(graphql_error(200, "not allowed", "FORBIDDEN")).text, HasSubstr("it needs write access"));
    EXPECT_EQ(answers(graphql_error(200, "oops", "INTERNAL_SERVER_ERROR")).kind, kind::later);
    EXPECT_EQ(answers(graphql_error(400, "bad", "INPUT_ERROR")).kind, kind::refused);
    EXPECT_TRUE(outside.fake.issues.empty());
}

TEST_F(linear, a_team_that_is_not_there_and_a_pull_request_are_refused)
{
    EXPECT_THAT(publish(ticket_effect("linear:NONE")).error().text, HasSubstr("there is no team NONE"));
    EXPECT_EQ(publish(ticket_effect("linear:")).error().kind, kind::refused);
    EXPECT_THAT(publish(test::pull_effect("linear:ENG")).error().text, HasSubstr("no pull requests"));
}

TEST_F(linear, two_at_once_make_one_issue)
{
    const auto other = make(outside);

    const auto [first, second] = test::publish_at_once(outside.io, *tracked, *other, ticket_effect("linear:ENG"));

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, second->url);
    EXPECT_EQ(outside.fake.issues.size(), 1U);
}

TEST_F(linear, tells_who_it_is)
{
    const auto who = outside.io.run(tracked->check());
    ASSERT_TRUE(who);
    EXPECT_EQ(*who, "Linear takes the key of Reprise");
}

TEST(linear_once, one_issue_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_linear>(ticket_effect("linear:ENG"), make, [](const fake_linear& fake) {
        return fake.issues.size();
    });
}

}  // namespace
}  // namespace reprise::forge
