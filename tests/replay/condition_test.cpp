#include "reprise/replay/condition.hpp"

#include "reprise/base/clock.hpp"

#include <gtest/gtest.h>

#include <random>

namespace reprise::replay {
namespace {

observed_answer answer(int status, std::string body = {}, std::int64_t latency_ms = 20)
{
    observed_answer made;
    made.status = status;
    made.headers = {{"Content-Type", "application/json"}};
    made.body = std::move(body);
    made.latency_ns = latency_ms * ns_per_ms;
    return made;
}

observed_answer missing(answer_kind kind)
{
    observed_answer made;
    made.kind = kind;
    return made;
}

observed_answer reported(std::uint32_t calls, std::uint32_t peak, std::uint32_t arrivals)
{
    observed_answer made = answer(200);
    made.calls = call_figures{calls, peak, arrivals};
    return made;
}

trial_verdict judged(std::string_view text, std::vector<observed_answer> answers)
{
    return judge(parse_condition(text).value(), answers);
}

TEST(condition, reads_terms_joined_by_and)
{
    const auto read = parse_condition(R"(status==500 and body contains "dead\"lock" and json /error/code != null)");

    ASSERT_TRUE(read);
    ASSERT_EQ(read->terms.size(), 3U);
    EXPECT_EQ(read->terms[0].what, subject::status);
    EXPECT_DOUBLE_EQ(read->terms[0].number, 500);
    EXPECT_EQ(read->terms[1].how, comparison::contains);
    EXPECT_EQ(read->terms[1].text, "dead\"lock");
    EXPECT_EQ(read->terms[2].name, "/error/code");
    EXPECT_EQ(read->terms[2].how, comparison::not_equal);
    EXPECT_EQ(read->terms[2].kind, operand_kind::null);
}

TEST(condition, reads_units)
{
    EXPECT_DOUBLE_EQ(parse_condition("p95>800ms")->terms[0].number, 800);
    EXPECT_DOUBLE_EQ(parse_condition("latency >= 1.5s")->terms[0].number, 1500);
    EXPECT_DOUBLE_EQ(parse_condition("failing>2.5%")->terms[0].number, 2.5);
}

struct refused_case {
    const char* text;
    const char* reason;
};

class refused_conditions : public testing::TestWithParam<refused_case> {};

TEST_P(refused_conditions, name_the_column_and_what_was_expected)
{
    const auto read = parse_condition(GetParam().text);

    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_condition);
    EXPECT_NE(read.error().reason.find(GetParam().reason), std::string::npos) << read.error().reason;
}

INSTANTIATE_TEST_SUITE_P(
    cases, refused_conditions,
    testing::Values(
        refused_case{"", "column 1: expected one of status, latency"},
        refused_case{"stats==500", "column 1: expected one of"},
        refused_case{"status=500", "column 7: expected a comparison that status allows"},
        refused_case{"status contains '5'", "column 8: expected a comparison"},
        refused_case{"status==", "column 9: expected a number, but the text ends"},
        refused_case{"status==42", "column 9: expected a status from 100 to 999"},
        refused_case{"status==500x", "column 12: expected a blank"},
        refused_case{"status==500 or latency>1s", "column 13: expected \"and\" or the end"},
        refused_case{"status==500 and", "column 16: expected one of"},
        refused_case{"p95>800", "column 8: expected the unit ms or s"},
        refused_case{"p95>800us", "column 8: expected the unit ms or s"},
        refused_case{"p42>1ms", "column 1: expected one of"},
        refused_case{"failing>-1%", "column 9: expected a number that is not negative"},
        refused_case{"failing>1", "column 10: expected the unit %"},
        refused_case{"calls>20ms", "column 9: expected a blank behind the number"},
        refused_case{"peak contains '5'", "column 6: expected a comparison that peak allows"},
        refused_case{"arrivals>-1", "column 10: expected a number that is not negative"},
        refused_case{"body > 'x'", "column 6: expected a comparison that body allows: == != contains matches"},
        refused_case{"body contains x", "column 15: expected a text in quotes"},
        refused_case{"body contains 'x", "column 15: expected a closing quote"},
        refused_case{"body matches '('", "column 14: expected a regular expression"},
        refused_case{"header == 'x'", "column 8: expected the name of a header"},
        refused_case{"json error == 1", "column 6: expected a JSON pointer"},
        refused_case{"json /a > 'x'", "column 11: expected a number to compare by size"},
        refused_case{"json /a contains 1", "column 18: expected a text in quotes"}
    )
);

TEST(condition, holds_when_all_terms_hold_of_one_answer)
{
    constexpr std::string_view text = R"(status==500 and body contains "lock")";
    EXPECT_EQ(judged(text, {answer(500, "deadlock")}), trial_verdict::fails);
    EXPECT_EQ(judged(text, {answer(500, "other"), answer(200, "deadlock")}), trial_verdict::passes);
    EXPECT_EQ(judged(text, {answer(200), answer(500, "lock")}), trial_verdict::fails);
}

TEST(condition, looks_into_headers_json_and_texts)
{
    const observed_answer one = answer(200, R"({"a":[{"n":3,"ok":false,"s":"x\ny"}],"z":null})");
    EXPECT_EQ(judged("header content-type contains 'json'", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("header x-none != ''", {one}), trial_verdict::passes);
    EXPECT_EQ(judged("json /a/0/n >= 3", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("json /a/0/n<3", {one}), trial_verdict::passes);
    EXPECT_EQ(judged("json /a/0/ok==false", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("json /a/0/s matches '^x\\sy$'", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("json /z == null", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("json /none == null", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("json /a != null", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("body matches '\"n\":\\d,'", {one}), trial_verdict::fails);
    EXPECT_EQ(judged("latency > 19ms", {one}), trial_verdict::fails);
}

TEST(condition, measures_all_answers_together)
{
    std::vector<observed_answer> answers(19, answer(200));
    answers.push_back(answer(503, "", 900));
    EXPECT_EQ(judged("p95>800ms", answers), trial_verdict::passes);
    EXPECT_EQ(judged("p99>800ms", answers), trial_verdict::fails);
    EXPECT_EQ(judged("failing>4%", answers), trial_verdict::fails);
    EXPECT_EQ(judged("failing>5%", answers), trial_verdict::passes);
    EXPECT_EQ(judged("failing>4% and status==429", answers), trial_verdict::passes);
}

TEST(condition, takes_the_most_calls_of_any_request)
{
    const std::vector answers = {reported(24, 1, 9), reported(2, 2, 2)};
    EXPECT_EQ(judged("calls>20", answers), trial_verdict::fails);
    EXPECT_EQ(judged("calls>24", answers), trial_verdict::passes);
    EXPECT_EQ(judged("peak==2 and arrivals==9", answers), trial_verdict::fails);
    EXPECT_EQ(judged("calls<20", answers), trial_verdict::passes);
    EXPECT_EQ(judged("calls>20 and status==500", answers), trial_verdict::passes);
}

TEST(condition, says_nothing_about_calls_while_the_service_does_not)
{
    EXPECT_EQ(judged("calls>20", {answer(200)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("calls>20", {reported(24, 1, 9), answer(200)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("calls<5", {reported(0, 0, 0)}), trial_verdict::fails);
    EXPECT_EQ(judged("status==200", {answer(200)}), trial_verdict::fails);
    EXPECT_TRUE(needs_telemetry(parse_condition("status==200 and peak>9").value()));
    EXPECT_FALSE(needs_telemetry(parse_condition("p99>1s and failing>1%").value()));
}

TEST(condition, says_nothing_about_a_target_that_is_not_there)
{
    EXPECT_EQ(judged("status==500", {missing(answer_kind::unreachable)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("unanswered>0%", {missing(answer_kind::unreachable)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("status==500", {answer(500), missing(answer_kind::unreachable)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("status==500", {}), trial_verdict::unresolved);
}

TEST(condition, takes_missing_answers_only_as_what_was_asked_for)
{
    EXPECT_EQ(judged("unanswered>0%", {missing(answer_kind::unanswered)}), trial_verdict::fails);
    EXPECT_EQ(judged("status==500", {missing(answer_kind::unanswered)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("status==500", {missing(answer_kind::unanswered), answer(500)}), trial_verdict::fails);
    EXPECT_EQ(judged("status!=500", {missing(answer_kind::unanswered)}), trial_verdict::unresolved);
    EXPECT_EQ(judged("p95>1ms", {missing(answer_kind::unanswered)}), trial_verdict::unresolved);
}

TEST(condition, describes_answers_for_people)
{
    EXPECT_EQ(describe(std::vector{answer(200)}), "the answer was 200");
    EXPECT_EQ(describe(std::vector{missing(answer_kind::unanswered)}), "the answer was none");
    EXPECT_EQ(
        describe(std::vector{reported(24, 1, 9)}),
        "the answer was 200; 24 calls under it, at most 1 in flight, 9 within 50 ms"
    );
    EXPECT_EQ(
        describe(std::vector{reported(1, 1, 1), reported(0, 0, 0)}), "the 2 answers were 2 x 200; 1 call under one"
    );
    EXPECT_EQ(
        describe(std::vector{answer(503), answer(200), missing(answer_kind::unreachable), answer(503)}),
        "the 4 answers were 1 x 200, 2 x 503, 1 x no connection"
    );
}

TEST(condition, takes_any_text_or_refuses_it_with_a_column_inside)
{
    const std::vector<std::string> words = {
        "status", "body", "json", "header", "p95", "failing", "latency", "and", "==", "!=", ">", "<=", "contains",
        "calls", "peak", "matches", "500", "1e3", "-1", "%", "ms", "s", "'a'", "\"b\\\"", "'", "\\", "/a/b", "null",
        "true", " ", "(", std::string(1, '\0'), "\xff"};
    const std::vector<std::string> terms = {
        "status==500", "latency>1.5s", "body contains \"x\"", "header a-b matches '^a$'", "json /a/b >= 1", "p95>8ms",
        "failing > 1%", "calls>20 and arrivals<9", "json '/a b' != null"};
    std::mt19937 random(23);
    int taken = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = terms[random() % terms.size()];
        for (std::size_t i = 0; i < random() % 4; ++i)
            text += " and " + terms[random() % terms.size()];
        for (std::size_t i = 0; i < random() % 4; ++i) {
            const std::size_t at = random() % (text.size() + 1);
            text.replace(at, random() % 4, words[random() % words.size()]);
        }
        const auto read = parse_condition(text);
        if (read) {
            ++taken;
            ASSERT_FALSE(read->terms.empty());
            judge(*read, std::vector{answer(500, R"({"a":{"b":1}})"), missing(answer_kind::unanswered)});
            continue;
        }
        const std::string& reason = read.error().reason;
        const auto at = reason.find("column ");
        ASSERT_NE(at, std::string::npos) << reason;
        ASSERT_LE(std::stoul(reason.substr(at + 7)), text.size() + 1);
    }
    EXPECT_GT(taken, 1'000);
}

TEST(condition, gives_up_a_regular_expression_that_takes_too_long)
{
    const observed_answer one = answer(200, std::string(5'000, 'a'));
    EXPECT_EQ(judged("body matches '(a*)*(a*)*(a*)*b$'", {one}), trial_verdict::passes);
}

}  // namespace
}  // namespace reprise::replay
