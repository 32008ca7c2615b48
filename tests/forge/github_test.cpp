#include "fake_github.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::forge {
namespace {

using test::comment_effect;
using test::expect_once_whatever_fails;
using test::fake_answer;
using test::fake_github;
using test::fault;
using test::pull_effect;
using test::says;
using test::served;
using test::ticket_effect;
using testing::HasSubstr;
using testing::Not;
using kind = decltype(effect_failure::kind);

constexpr const char* repository = "github:acme/shop";

std::unique_ptr<remote_tracker> make(served<fake_github>& outside)
{
    github_config config;
    config.api = outside.place();
    config.token = secret(std::string(outside.fake.token));
    config.labels = {"regression"};
    return make_github_tracker(std::move(config), outside.time, outside.numbers);
}

class github : public testing::Test {
protected:
    effect_result publish(const effect& wanted) { return outside.io.run(tracked->publish(wanted)); }

    served<fake_github> outside;
    std::unique_ptr<remote_tracker> tracked = make(outside);
};

TEST_F(github, makes_an_issue_with_title_text_label_and_marker)
{
    const effect wanted = ticket_effect(repository);

    const auto done = publish(wanted);

    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->url, "https://github.com/acme/shop/issues/1");
    EXPECT_FALSE(done->adopted);
    const auto& made = outside.fake.issues.at(0);
    EXPECT_EQ(made.title, wanted.title);
    EXPECT_THAT(made.body, HasSubstr("## Symptom\n\nIt fails.\n"));
    EXPECT_THAT(made.body, HasSubstr("`reprise-effect:" + wanted.key + ":" + wanted.content_hash + "`"));
    EXPECT_THAT(made.body, HasSubstr("<!-- reprise-effect:" + wanted.key));
    EXPECT_THAT(made.labels, testing::ElementsAre("regression"));
}

TEST_F(github, adopts_what_an_earlier_try_made_and_says_when_its_content_was_another)
{
    effect wanted = ticket_effect(repository);
    const auto first = publish(wanted);
    const auto second = publish(wanted);
    wanted.content_hash = sha256_hex("other");
    const auto third = publish(wanted);

    ASSERT_TRUE(second && third);
    EXPECT_TRUE(second->adopted && second->same_content);
    EXPECT_EQ(second->url, first->url);
    EXPECT_TRUE(third->adopted);
    EXPECT_FALSE(third->same_content);
    EXPECT_EQ(outside.fake.count_issues(), 1U);
}

TEST_F(github, finds_its_issue_behind_pages_of_others)
{
    const effect wanted = ticket_effect(repository);
    const auto first = publish(wanted);
    for (int i = 0; i < 120; ++i) {
        fake_github::issue other;
        other.number = 2 + i;
        other.title = "somebody else's";
        other.created_at = "2025-11-26T00:00:01Z";
        outside.fake.issues.push_back(other);
    }

    const auto again = publish(wanted);

    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(again->url, first->url);
    EXPECT_EQ(outside.fake.count_issues(), 1U);
}

TEST_F(github, looks_no_further_than_the_incident_is_old)
{
    for (int i = 0; i < 120; ++i) {
        fake_github::issue other;
        other.number = 1 + i;
        other.title = "somebody else's";
        other.created_at = "2025-01-01T00:00:00Z";
        outside.fake.issues.push_back(other);
    }
    ASSERT_TRUE(publish(ticket_effect(repository)));
    EXPECT_EQ(outside.fake.count_lines("GET /repos/acme/shop/issues"), 1U);
    EXPECT_THAT(outside.fake.lines().at(0), HasSubstr("since=2025-11-25T23%3A45%3A00.000Z"));
}

TEST_F(github, creates_nothing_when_there_is_too_much_to_look_through)
{
    for (std::size_t i = 0; i < look_pages_max * look_page_size; ++i) {
        fake_github::issue other;
        other.number = static_cast<std::int64_t>(i) + 1;
        other.title = "somebody else's";
        other.created_at = "2025-11-26T00:00:01Z";
        outside.fake.issues.push_back(other);
    }

    const auto done = publish(ticket_effect(repository));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind::refused);
    EXPECT_THAT(done.error().text, HasSubstr("more than 1000 issues of acme/shop"));
    EXPECT_EQ(outside.fake.count_issues(), 0U);
}

TEST_F(github, opens_a_draft_from_a_branch_of_its_own)
{
    const effect wanted = pull_effect(repository);

    const auto done = publish(wanted);

    ASSERT_TRUE(done) << done.error().text;
    EXPECT_EQ(done->url, "https://github.com/acme/shop/pull/1");
    const auto& made = outside.fake.issues.at(0);
    EXPECT_TRUE(made.draft);
    EXPECT_EQ(made.base, "main");
    EXPECT_EQ(made.head, wanted.head_branch);
    std::string mode;
    EXPECT_EQ(outside.fake.find_file(wanted.head_branch, "src/users.ts", &mode), "export const a = 2;\n");
    EXPECT_EQ(mode, "100644");
    EXPECT_EQ(outside.fake.find_file(wanted.head_branch, "bin/run", &mode), "#!/bin/sh\nexec node\n");
    EXPECT_EQ(mode, "100755");
    EXPECT_EQ(outside.fake.find_file(wanted.head_branch, "tests/users.test.ts", &mode), "test\n");
    EXPECT_EQ(outside.fake.find_file(wanted.head_branch, "src/old.ts"), std::nullopt);
    EXPECT_EQ(outside.fake.find_file("main", "src/users.ts"), "export const a = 1;\n");
    const auto& commit = outside.fake.commits.at(outside.fake.refs.at(wanted.head_branch));
    EXPECT_THAT(commit.message, testing::StartsWith("Answer 404 for unknown users\n\nThe lookup"));
    EXPECT_THAT(commit.message, HasSubstr("reprise-effect:" + wanted.key));
    EXPECT_EQ(commit.parent, outside.fake.refs.at("main"));
}

TEST_F(github, adopts_a_pull_request_that_people_closed)
{
    const effect wanted = pull_effect(repository);
    const auto first = publish(wanted);
    outside.fake.issues.at(0).state = "closed";

    const auto again = publish(wanted);

    ASSERT_TRUE(first && again);
    EXPECT_TRUE(again->adopted);
    EXPECT_EQ(again->url, first->url);
    EXPECT_EQ(outside.fake.count_pulls(), 1U);
}

TEST_F(github, never_writes_to_a_branch_outside_the_prefix_nor_to_the_default_branch)
{
    effect wanted = pull_effect(repository);
    for (const char* branch : {"main", "feature/x", "reprise/", "reprise", "reprise/../main", "reprise/a b"}) {
        wanted.head_branch = branch;
        const auto done = publish(wanted);
        ASSERT_FALSE(done) << branch;
        EXPECT_EQ(done.error().kind, kind::refused);
    }
    EXPECT_TRUE(outside.fake.lines().empty());
    EXPECT_EQ(outside.fake.refs.size(), 1U);
}

TEST_F(github, leaves_a_branch_alone_that_is_somebody_elses)
{
    const effect wanted = pull_effect(repository);
    const std::string theirs = outside.fake.put_commit("t", "Their work", outside.fake.refs.at("main"));
    outside.fake.refs[wanted.head_branch] = theirs;

    const auto done = publish(wanted);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind::refused);
    EXPECT_THAT(done.error().text, HasSubstr("is somebody else's"));
    EXPECT_EQ(outside.fake.refs.at(wanted.head_branch), theirs);
    EXPECT_EQ(outside.fake.count_pulls(), 0U);
}

TEST_F(github, does_not_write_through_a_link_nor_remove_what_is_not_there)
{
    effect wanted = pull_effect(repository);
    wanted.files = {{"link", "x"}};
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("no plain file"));
    wanted.files = {{"link/passwd", "x"}};
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("no plain file"));
    wanted.files = {{"src/none.ts", std::nullopt}};
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("is not in main"));
    wanted.files = {{"src/users.ts", "export const a = 1;\n"}};
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("changes nothing"));
    EXPECT_EQ(outside.fake.refs.size(), 1U);
}

TEST_F(github, says_why_an_empty_repository_a_missing_base_and_a_plan_without_drafts_get_no_pull_request)
{
    effect wanted = pull_effect(repository);
    wanted.base_branch = "release";
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("there is no branch release"));
    wanted.base_branch.clear();
    outside.fake.is_empty = true;
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("Git Repository is empty."));
    outside.fake.is_empty = false;
    outside.fake.takes_drafts = false;
    EXPECT_THAT(publish(wanted).error().text, HasSubstr("open it by hand"));
}

TEST_F(github, comments_on_its_issue_once)
{
    const auto issue = publish(ticket_effect(repository));
    ASSERT_TRUE(issue);
    const effect wanted = comment_effect(repository, issue->url);

    const auto first = publish(wanted);
    const auto second = publish(wanted);

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, "https://github.com/acme/shop/issues/1#issuecomment-1");
    EXPECT_TRUE(second->adopted);
    EXPECT_EQ(outside.fake.comments.size(), 1U);
    EXPECT_THAT(publish(comment_effect(repository, "https://github.com/acme/other/issues/1")).error().text,
                HasSubstr("is no issue or pull request of acme/shop"));
}

struct refusal {
    const char* name;
    int status;
    const char* message;
    kind expected;
    const char* says;
};

TEST_F(github, says_what_is_missing_and_whether_another_try_helps)
{
    const refusal rows[] = {
        {"a wrong token", 401, "Bad credentials", kind::refused, "renew them"},
        {"a missing permission", 403, "Resource not accessible by personal access token", kind::refused,
         "it needs Issues: read and write on acme/shop"},
        {"a repository that is hidden", 404, "Not Found", kind::refused, "the credentials may not see it"},
        {"issues that are turned off", 410, "Issues has been disabled in this repository.", kind::refused, "410"},
        {"a repository that moved", 301, "Moved Permanently", kind::refused, "redirects are not followed"},
        {"a text it does not take", 422, "Validation Failed", kind::refused, "Validation Failed"},
        {"a failure after which nobody knows", 502, "Bad Gateway", kind::unknown, "the next look tells"},
        {"too many requests", 429, "Too Many Requests", kind::later, "asked too often"},
        {"a secondary limit", 403, "You have exceeded a secondary rate limit.", kind::later, "asked too often"},
    };
    for (const refusal& row : rows) {
        served<fake_github> server;
        server.fake.answer_with("POST /repos/acme/shop/issues", says(row.status, row.message));
        const auto one = make(server);
        const auto done = server.io.run(one->publish(ticket_effect(repository)));
        ASSERT_FALSE(done) << row.name;
        EXPECT_EQ(done.error().kind, row.expected) << row.name;
        EXPECT_EQ(done.error().status, row.status) << row.name;
        EXPECT_THAT(done.error().text, HasSubstr(row.says)) << row.name;
        EXPECT_THAT(done.error().text, HasSubstr("POST /repos/acme/shop/issues at http://127.0.0.1:")) << row.name;
        EXPECT_THAT(done.error().text, Not(HasSubstr("ghp_secret"))) << row.name;
    }
}

TEST_F(github, waits_as_long_as_it_is_told)
{
    fake_answer limited = says(403, "API rate limit exceeded for user ID 1.");
    limited.headers = {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1764115500"}};
    outside.fake.answer_with("GET /repos/acme/shop/issues", limited, 1);
    fake_answer secondary = says(403, "You have exceeded a secondary rate limit.");
    secondary.headers = {{"Retry-After", "30"}};
    outside.fake.answer_with("GET /repos/acme/shop/issues", secondary, 1);

    EXPECT_EQ(publish(ticket_effect(repository)).error().retry_after, std::chrono::seconds(300));
    EXPECT_EQ(publish(ticket_effect(repository)).error().retry_after, std::chrono::seconds(30));
}

TEST_F(github, a_server_that_repeats_the_token_does_not_bring_it_into_the_error)
{
    outside.fake.answer_with("GET /repos/acme/shop/issues", says(400, "bad header: Bearer " + outside.fake.token));

    const auto done = publish(ticket_effect(repository));

    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text, Not(HasSubstr("ghp_secret_of_the_test")));
    EXPECT_THAT(done.error().text, HasSubstr("(secret)"));
}

TEST_F(github, a_server_that_is_not_there_is_tried_later)
{
    github_config config;
    config.api.base = net::parse_url("http://127.0.0.1:1").value();
    config.token = secret("x");
    const auto nobody = make_github_tracker(std::move(config), outside.time, outside.numbers);

    const auto done = outside.io.run(nobody->publish(ticket_effect(repository)));

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind::later);
}

TEST_F(github, takes_only_repositories_of_plain_names)
{
    for (const char* target : {"github:", "github:acme", "github:acme/", "github:/shop", "github:a/b/c", "github:a/..",
                               "github:a b/c", "github:a/b?x=1"}) {
        const auto done = publish(ticket_effect(target));
        ASSERT_FALSE(done) << target;
        EXPECT_EQ(done.error().kind, kind::refused) << target;
    }
    EXPECT_TRUE(outside.fake.lines().empty());
}

TEST_F(github, two_at_once_open_one_pull_request)
{
    const auto other = make(outside);

    const auto [first, second] = test::publish_at_once(outside.io, *tracked, *other, pull_effect(repository));

    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->url, second->url);
    EXPECT_EQ(outside.fake.count_pulls(), 1U);
}

TEST_F(github, tells_who_it_is)
{
    const auto who = outside.io.run(tracked->check());
    ASSERT_TRUE(who);
    EXPECT_EQ(*who, "GitHub takes the token of reprise-bot");
}

TEST(github_once, one_issue_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_github>(ticket_effect(repository), make, [](const fake_github& fake) {
        return fake.count_issues();
    });
}

TEST(github_once, one_pull_request_whatever_single_request_fails)
{
    expect_once_whatever_fails<fake_github>(pull_effect(repository), make, [](const fake_github& fake) {
        return fake.count_pulls() + fake.refs.size() - 2;
    });
}

}  // namespace
}  // namespace reprise::forge
