#include "reprise/replay/trial.hpp"

#include "builders.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::replay {
namespace {

std::string stored_trial()
{
    const trial_plan plan = test::share_plan();
    return to_json(decide_trial(plan, 3, test::answer_all(plan, 500, 200), {}));
}

TEST(stored_trial, comes_back_as_it_was)
{
    const auto again = parse_trial(stored_trial());

    ASSERT_TRUE(again) << again.error().reason;
    EXPECT_EQ(to_json(*again), stored_trial());
    EXPECT_EQ(again->number, 3U);
    EXPECT_EQ(again->k, 10U);
    EXPECT_TRUE(again->shows);
}

TEST(stored_trial, without_counts_comes_back_too)
{
    const trial_plan plan = test::latency_plan();
    const std::string text = to_json(decide_trial(plan, 1, test::answer_all(plan, 200, 200), {}));

    ASSERT_TRUE(parse_trial(text));
    EXPECT_FALSE(parse_trial(text)->k);
    EXPECT_EQ(text.find("\"k\""), std::string::npos);
}

TEST(stored_trial, has_the_shape_of_the_api)
{
    const auto parsed = boost::json::parse(stored_trial());

    const std::vector<std::string> members = {"number", "shows", "metric", "control", "n", "control_n",
                                              "k", "control_k", "p_value", "gate_passed"};
    for (const std::string& member : members)
        EXPECT_TRUE(parsed.as_object().contains(member)) << member;
}

struct bad_case {
    std::string name;
    std::string from;
    std::string to;
};

class bad_trial : public testing::TestWithParam<bad_case> {};

TEST_P(bad_trial, is_refused_with_a_reason)
{
    std::string text = stored_trial();
    const auto at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, GetParam().from.size(), GetParam().to);

    const auto read = parse_trial(text);

    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_record);
    EXPECT_NE(read.error().reason.find("has to run again"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    cases, bad_trial,
    testing::Values(
        bad_case{"not_json", "{", "["}, bad_case{"a_missing_member", "\"p_value\"", "\"q_value\""},
        bad_case{"a_negative_count", "\"n\":10", "\"n\":-1"},
        bad_case{"a_fraction", "\"planned\":20", "\"planned\":2.5"},
        bad_case{"text_for_a_flag", "\"shows\":true", "\"shows\":\"yes\""},
        bad_case{"more_failing_than_sent", "\"k\":10", "\"k\":11"},
        bad_case{"trial_zero", "\"number\":3", "\"number\":0"},
        bad_case{"more_answers_than_requests", "\"answered\":20", "\"answered\":21"},
        bad_case{"a_count_too_large", "\"planned\":20", "\"planned\":99999999999"}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(run_result_json, has_the_shape_of_the_api)
{
    const trial_plan plan = test::share_plan();
    std::vector<trial> trials;
    for (std::uint32_t number = 1; number <= 5; ++number)
        trials.push_back(decide_trial(plan, number, test::answer_all(plan, 500, 200), {}));

    const auto parsed = boost::json::parse(to_json(plan, decide_verdict(plan, trials)));

    const auto& result = parsed.as_object();
    EXPECT_EQ(result.at("verdict").as_string(), "reproduced");
    EXPECT_EQ(result.at("confirm_with").as_string(), "failing_share");
    EXPECT_EQ(result.at("trials").as_array().size(), 5U);
    EXPECT_EQ(result.at("trials_planned").to_number<int>(), 5);
    EXPECT_EQ(result.at("requests_answered").to_number<int>(), 100);
    EXPECT_EQ(result.at("target").as_string(), "http://127.0.0.1:3000");
    EXPECT_EQ(result.at("methodology_hash").as_string().size(), 64U);
    const std::vector<std::string> members = {"reason", "metric", "unit", "gate", "baseline", "requests_planned",
                                              "requests_sent", "numbers"};
    for (const std::string& member : members)
        EXPECT_TRUE(result.contains(member)) << member;
}

}  // namespace
}  // namespace reprise::replay
