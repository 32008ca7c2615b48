#include "reprise/replay/kept_compare.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

namespace reprise::replay {
namespace {

using model::answer_arm;

const model::header_list json_type = {{"content-type", "application/json"}};

model::exchange_answers answers_of(std::uint32_t exchange, answer_arm arm, int status, std::string body)
{
    model::exchange_answers made;
    made.exchange = exchange;
    made.arm = arm;
    made.shown.answered = true;
    made.shown.status = status;
    made.shown.headers = json_type;
    made.shown.body = std::move(body);
    made.shown.body_bytes = made.shown.body.size();
    return made;
}

std::vector<model::evidence_item> captured_failure(std::string body)
{
    auto exchange = test::make_exchange("POST", "/orders", 500);
    exchange.response_headers = json_type;
    exchange.response_body = std::move(body);
    return {test::make_item(model::evidence_role::failing, std::move(exchange))};
}

std::vector<side_comparison> compare(
    const std::vector<model::evidence_item>& items, const std::vector<model::exchange_answers>& answers,
    std::vector<std::string> ignored = {}
)
{
    compare_options options;
    options.captured = interval_of(items);
    options.ignored_fields = std::move(ignored);
    const auto list = list_replayed(answers);
    return compare_kept(items.at(0).exchange, list.at(0), answer_noise(items, answers), options);
}

TEST(kept_compare, names_the_fields_that_changed_since_the_capture_and_since_the_last_good_version)
{
    const auto items = captured_failure(R"({"error":"null","code":7})");
    const std::vector answers = {
        answers_of(0, answer_arm::failing, 500, R"({"error":"null","code":8})"),
        answers_of(0, answer_arm::last_good, 200, R"({"id":1})")};

    const auto made = compare(items, answers);

    ASSERT_EQ(made.size(), 3U);
    EXPECT_EQ(made[0].right, answer_side::replayed);
    ASSERT_EQ(made[0].comparison.differences.size(), 1U);
    EXPECT_EQ(made[0].comparison.differences[0].path, "body/code");
    EXPECT_EQ(made[0].comparison.differences[0].left, "7");
    EXPECT_EQ(made[1].right, answer_side::last_good);
    EXPECT_EQ(made[2].left, answer_side::last_good);
    EXPECT_EQ(made[2].right, answer_side::replayed);
    EXPECT_EQ(made[2].comparison.differences[0].path, "status");
    EXPECT_EQ(match_of(list_replayed(answers).at(0), made), answer_match::changed);
}

TEST(kept_compare, ignores_what_differs_between_answers_to_the_same_request)
{
    const auto items = captured_failure(R"({"error":"null","id":"a"})");
    std::vector answers = {answers_of(0, answer_arm::failing, 500, R"({"error":"null","id":"b"})")};
    answers[0].twin = answers[0].shown;
    answers[0].twin->body = R"({"error":"null","id":"c"})";

    const auto made = compare(items, answers);

    ASSERT_EQ(made.at(0).comparison.differences.size(), 1U);
    EXPECT_TRUE(made[0].comparison.differences[0].ignored);
    EXPECT_EQ(made[0].comparison.differences[0].why, "differs between answers to the same request, too");
    EXPECT_EQ(match_of(list_replayed(answers).at(0), made), answer_match::same);
}

TEST(kept_compare, learns_what_differs_from_other_exchanges_with_the_same_request)
{
    auto items = captured_failure(R"({"error":"null","id":"a"})");
    items.push_back(items[0]);
    items.push_back(items[0]);
    items[2].exchange.request_body = "another";
    std::vector answers = {
        answers_of(0, answer_arm::failing, 500, R"({"error":"null","id":"b"})"),
        answers_of(2, answer_arm::failing, 500, R"({"error":"null","id":"c"})")};
    EXPECT_FALSE(compare(items, answers).at(0).comparison.matches()) << "another request";

    answers[1].exchange = 1;
    EXPECT_TRUE(compare(items, answers).at(0).comparison.matches());

    answers[1].shown.status = 503;
    EXPECT_FALSE(compare(items, answers).at(0).comparison.matches()) << "another failure";
}

TEST(kept_compare, ignores_what_the_reader_asks_for_and_says_so)
{
    const auto items = captured_failure(R"({"error":"null","code":7})");
    const std::vector answers = {answers_of(0, answer_arm::failing, 500, R"({"error":"null","code":8})")};

    const auto made = compare(items, answers, {"body/code"});

    EXPECT_TRUE(made.at(0).comparison.matches());
    EXPECT_EQ(made[0].comparison.differences.at(0).why, "the rule body/code");
}

TEST(kept_compare, of_bodies_that_are_not_text_the_digests_are_compared)
{
    const auto items = captured_failure("<binary:0a1b2c3d:2048>");
    std::vector answers = {answers_of(0, answer_arm::failing, 500, "<binary:0a1b2c3d:2048>")};
    EXPECT_TRUE(compare(items, answers).at(0).comparison.matches());

    answers[0].shown.body = "<binary:99999999:2048>";
    EXPECT_FALSE(compare(items, answers).at(0).comparison.matches());
}

TEST(kept_compare, does_not_compare_what_one_side_does_not_know)
{
    auto items = captured_failure("");
    items[0].exchange.response_headers.clear();
    std::vector answers = {answers_of(0, answer_arm::failing, 500, R"({"error":"null"})")};

    auto made = compare(items, answers);

    EXPECT_FALSE(made.at(0).has_headers);
    EXPECT_FALSE(made.at(0).has_body);
    EXPECT_TRUE(made.at(0).comparison.matches());

    items = captured_failure(R"({"error":"null"})");
    answers[0].shown.body.clear();
    answers[0].shown.body_left_out = true;
    made = compare(items, answers);
    EXPECT_TRUE(made.at(0).has_headers);
    EXPECT_FALSE(made.at(0).has_body);
    EXPECT_TRUE(made.at(0).comparison.matches());
}

TEST(kept_compare, a_target_that_did_not_answer_is_not_compared)
{
    const auto items = captured_failure("{}");
    std::vector answers = {
        answers_of(0, answer_arm::failing, 0, ""), answers_of(0, answer_arm::last_good, 200, "{}")};
    answers[0].shown.answered = false;

    const auto made = compare(items, answers);

    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].right, answer_side::last_good);
    EXPECT_EQ(match_of(list_replayed(answers).at(0), made), answer_match::no_answer);
}

TEST(kept_compare, lists_exchanges_in_the_order_of_the_bundle_with_the_arms_they_were_sent_in)
{
    const std::vector answers = {
        answers_of(5, answer_arm::control, 200, ""), answers_of(1, answer_arm::last_good, 200, ""),
        answers_of(1, answer_arm::failing, 500, ""), answers_of(3, answer_arm::last_good, 200, "")};

    const auto list = list_replayed(answers);

    ASSERT_EQ(list.size(), 2U) << "nothing is shown of the third";
    EXPECT_EQ(list[0].exchange, 1U);
    EXPECT_EQ(list[0].replayed->shown.status, 500);
    EXPECT_EQ(list[0].last_good->shown.status, 200);
    EXPECT_EQ(list[1].exchange, 5U);
    EXPECT_EQ(list[1].last_good, nullptr);
}

}  // namespace
}  // namespace reprise::replay
