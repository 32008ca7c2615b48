#include "fake_jira.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using test::comment_effect;
using test::expect_once_whatever_fails;
using test::fake_answer;
using test::fake_jira;
using test::says;
using test::served;
using test::ticket_effect;
using testing::HasSubstr;
using kind = decltype(effect_failure::kind);
namespace json = boost::json;

std::unique_ptr<remote_tracker> make(served<fake_jira>& outside)
{
    jira_config config;
    config.api = outside.place();
    config.token = secret("secret-of-the-test");
    if (outside.fake.is_cloud) {
        config.user = "bot@acme.test";
    } else {
        config.flavour = jira_flavour::server;
        outside.fake.authorization = "Bearer secret-of-the-test";
    }
    return make_jira_tracker(std::move(config), outside.time, outside.numbers);
}

// Data Center.
class fake_jira_server : public fake_jira {
public:
    fake_jira_server() { is_cloud = false; }
};

class jira : public testing::Test {
protected:
    effect_result publish(const effect& wanted) { return outside.io.run(tracked->publish(wanted)); }

    served<fake_jira> outside;
    std::unique_ptr<remote_tracker> tracked = make(outside);
};

TEST_F(jira, makes_an_issue_with_a_document_and_a_label_that_finds_it)
{
    const effect wanted = ticket_effect("jira:OPS");

    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first) << first.error().text;
    EXPECT_EQ(first->url, outside.origin() + "/browse/OPS-1");
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted && second->same_content);
    ASSERT_EQ(outside.fake.issues.size(), 1U);
    const auto& made = outside.fake.issues[0];
    EXPECT_EQ(made.type, "Bug");
    EXPECT_THAT(made.labels, testing::ElementsAre("reprise", "reprise-effect-" + wanted.key));
    EXPECT_EQ(made.description.at("type").as_string(), "doc");
    EXPECT_THAT(json::serialize(made.description), HasSubstr("reprise-effect:" + wanted.key));
}

TEST_F(jira, finds_what_the_index_does_not_know_yet)
{
    for (int i = 1; i <= 30; ++i) {
        fake_jira::issue other;
        other.key = "OPS-" + std::to_string(i);
        other.description = "theirs";
        outside.fake.issues.push_back(other);
    }
    outside.fake.not_indexed = 12;
    const auto first = publish(ticket_effect("jira:OPS"));
    const auto second = publish(ticket_effect("jira:OPS"));

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, outside.origin() + "/browse/OPS-31");
    EXPECT_EQ(second->url, first->url);
    EXPECT_TRUE(second->adopted);
    EXPECT_EQ(outside.fake.issues.size(), 31U);
}

TEST_F(jira, says_what_the_create_screen_lacks)
{
    outside.fake.has_labels = false;
    const auto done = publish(ticket_effect("jira:OPS"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind::refused);
    EXPECT_THAT(done.error().text, HasSubstr("Field 'labels' cannot be set"));
    EXPECT_THAT(done.error().text, HasSubstr("must have Summary, Description and Labels"));
}

TEST_F(jira, waits_until_the_time_it_is_told)
{
    fake_answer limited = says(429, "Rate limit exceeded");
    limited.headers = {{"X-RateLimit-Reset", "2025-11-26T00:02:00Z"}};
    outside.fake.answer_with("POST /rest/api/3/search/jql", limited, 1);
    const auto done = publish(ticket_effect("jira:OPS"));
    EXPECT_EQ(done.error().kind, kind::later);
    EXPECT_EQ(done.error().retry_after, std::chrono::seconds(120));
}

TEST_F(jira, comments_on_an_issue_of_its_project_once)
{
    const auto issue = publish(ticket_effect("jira:OPS"));
    ASSERT_TRUE(issue);
    const effect wanted = comment_effect("jira:OPS", issue->url);
    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, outside.origin() + "/browse/OPS-1?focusedCommentId=10");
    EXPECT_EQ(second->url, first->url);
    EXPECT_EQ(outside.fake.comments.size(), 1U);
    EXPECT_EQ(publish(comment_effect("jira:OPS", outside.origin() + "/browse/OTHER-1")).error().kind, kind::refused);
}

TEST_F(jira, wrong_credentials_projects_and_kinds_are_refused)
{
    EXPECT_EQ(publish(ticket_effect("jira:ops")).error().kind, kind::refused);
    EXPECT_EQ(publish(ticket_effect("jira:OPS\" OR project = X")).error().kind, kind::refused);
    EXPECT_EQ(publish(test::pull_effect("jira:OPS")).error().kind, kind::refused);
    outside.fake.authorization = "another";
    EXPECT_THAT(publish(ticket_effect("jira:OPS")).error().text, HasSubstr("renew them"));
}

TEST_F(jira, tells_who_it_is)
{
    const auto who = outside.io.run(tracked->check());
    ASSERT_TRUE(who);
    EXPECT_EQ(*who, "Jira takes the token of Reprise Bot");
}

TEST(jira_server, takes_wiki_text_and_a_bearer_token)
{
    served<fake_jira_server> outside;
    jira_config config;
    config.api = outside.place();
    config.token = secret("secret-of-the-test");
    config.flavour = jira_flavour::server;
    config.issue_type = "Task";
    outside.fake.authorization = "Bearer secret-of-the-test";
    const auto tracked = make_jira_tracker(std::move(config), outside.time, outside.numbers);
    const effect wanted = ticket_effect("jira:OPS");

    const auto first = outside.io.run(tracked->publish(wanted));
    const auto second = outside.io.run(tracked->publish(wanted));

    ASSERT_TRUE(first) << first.error().text;
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted && second->same_content);
    const auto& made = outside.fake.issues.at(0);
    EXPECT_EQ(made.type, "Task");
    EXPECT_THAT(std::string(made.description.as_string()), testing::StartsWith("h2. Symptom\n\nIt fails.\n"));
}

TEST(jira_once, one_issue_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_jira>(ticket_effect("jira:OPS"), make, [](const fake_jira& fake) {
        return fake.issues.size();
    });
}

}  // namespace
}  // namespace reprise::forge
