#include "fake_gitlab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using test::comment_effect;
using test::expect_once_whatever_fails;
using test::fake_gitlab;
using test::pull_effect;
using test::says;
using test::served;
using test::ticket_effect;
using testing::HasSubstr;
using testing::Not;
using kind = decltype(effect_failure::kind);

constexpr const char* project = "gitlab:acme/shop";

std::unique_ptr<remote_tracker> make(served<fake_gitlab>& outside)
{
    gitlab_config config;
    config.api = outside.place("/api/v4");
    config.token = secret(std::string(outside.fake.token));
    config.labels = {"regression", "reprise"};
    return make_gitlab_tracker(std::move(config), outside.time, outside.numbers);
}

class gitlab : public testing::Test {
protected:
    effect_result publish(const effect& wanted) { return outside.io.run(tracked->publish(wanted)); }

    served<fake_gitlab> outside;
    std::unique_ptr<remote_tracker> tracked = make(outside);
};

TEST_F(gitlab, makes_an_issue_and_finds_it_again)
{
    const effect wanted = ticket_effect(project);

    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first) << first.error().text;
    EXPECT_EQ(first->url, "https://gitlab.com/acme/shop/-/issues/1");
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->adopted && second->same_content);
    ASSERT_EQ(outside.fake.issues.size(), 1U);
    EXPECT_EQ(outside.fake.issues[0].labels, "regression,reprise");
    EXPECT_THAT(outside.fake.issues[0].description, HasSubstr("reprise-effect:" + wanted.key));
    EXPECT_THAT(outside.fake.lines().at(0), HasSubstr("/api/v4/projects/acme%2Fshop/issues?scope=all&state=all"));
    EXPECT_THAT(outside.fake.lines().at(0), HasSubstr("created_after=2025-11-25T23%3A45%3A00.000Z"));
}

TEST_F(gitlab, a_command_in_the_text_does_not_act)
{
    effect wanted = ticket_effect(project);
    wanted.body = "/close\n\n  /label ~bug\n```sh\ncurl x -d '\n```\n/merge\n```\n";

    ASSERT_TRUE(publish(wanted));

    const std::string& text = outside.fake.issues.at(0).description;
    for (const char* command : {"\n/close", "\n  /label", "\n/merge"})
        EXPECT_THAT("\n" + text, Not(HasSubstr(command)));
}

TEST_F(gitlab, opens_a_draft_from_one_commit_on_a_branch_of_its_own)
{
    const effect wanted = pull_effect(project);

    const auto done = publish(wanted);

    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->url, "https://gitlab.com/acme/shop/-/merge_requests/1");
    const auto& made = outside.fake.merges.at(0);
    EXPECT_EQ(made.title, "Draft: " + wanted.title);
    EXPECT_EQ(made.target, "main");
    const auto& commit = outside.fake.commits.at(outside.fake.branches.at(wanted.head_branch));
    EXPECT_EQ(commit.files.at("src/users.ts"), "export const a = 2;\n");
    EXPECT_EQ(commit.files.at("tests/users.test.ts"), "test\n");
    EXPECT_FALSE(commit.files.contains("src/old.ts"));
    EXPECT_THAT(commit.message, HasSubstr("reprise-effect:" + wanted.key));
    EXPECT_EQ(outside.fake.branches.at("main"), "c0");
}

TEST_F(gitlab, leaves_a_branch_and_a_merge_request_alone_that_are_somebody_elses)
{
    const effect wanted = pull_effect(project);
    outside.fake.branches[wanted.head_branch] = "c0";
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("is somebody else's"));
    fake_gitlab::entry theirs;
    theirs.iid = 9;
    theirs.source = wanted.head_branch;
    outside.fake.merges.push_back(theirs);
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("merge_requests/9"));
    EXPECT_EQ(outside.fake.merges.size(), 1U);
}

TEST_F(gitlab, never_writes_outside_the_prefix)
{
    effect wanted = pull_effect(project);
    wanted.head_branch = "main";
    EXPECT_EQ(publish(wanted).error().kind, kind::refused);
    EXPECT_TRUE(outside.fake.lines().empty());
}

TEST_F(gitlab, comments_on_issue_and_merge_request_once)
{
    const auto issue = publish(ticket_effect(project));
    ASSERT_TRUE(issue);
    const effect wanted = comment_effect(project, issue->url);
    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, "https://gitlab.com/acme/shop/-/issues/1#note_100");
    EXPECT_EQ(second->url, first->url);
    EXPECT_TRUE(second->adopted);
    EXPECT_TRUE(publish(comment_effect(project, "https://gitlab.com/acme/shop/-/merge_requests/3")));
    EXPECT_EQ(outside.fake.notes.size(), 2U);
}

TEST_F(gitlab, says_what_is_missing)
{
    const auto answers = [this](int status, const char* words) {
        outside.fake.answer_with("GET /api/v4/projects", says(status, words), 1);
        return publish(ticket_effect(project)).error();
    };
    EXPECT_THAT(answers(401, "401 Unauthorized").text, HasSubstr("renew them"));
    EXPECT_THAT(answers(403, "403 Forbidden").text, HasSubstr("the scope api and the role Reporter in acme/shop"));
    EXPECT_THAT(answers(404, "404 Project Not Found").text, HasSubstr("may not see it"));
    const auto limited = answers(429, "Retry later");
    EXPECT_EQ(limited.kind, kind::later);
    EXPECT_EQ(limited.retry_after, std::chrono::seconds(60));
}

TEST_F(gitlab, two_at_once_open_one_merge_request)
{
    const auto other = make(outside);

    const auto [first, second] = test::publish_at_once(outside.io, *tracked, *other, pull_effect(project));

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, second->url);
    EXPECT_EQ(outside.fake.merges.size(), 1U);
}

TEST_F(gitlab, tells_who_it_is)
{
    const auto who = outside.io.run(tracked->check());
    ASSERT_TRUE(who);
    EXPECT_EQ(*who, "GitLab takes the token of reprise-bot");
}

TEST(gitlab_once, one_issue_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_gitlab>(ticket_effect(project), make, [](const fake_gitlab& fake) {
        return fake.issues.size();
    });
}

TEST(gitlab_once, one_merge_request_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_gitlab>(pull_effect(project), make, [](const fake_gitlab& fake) {
        return fake.merges.size() + fake.commits.size() - 2;
    });
}

}  // namespace
}  // namespace reprise::forge
