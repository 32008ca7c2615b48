#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using test::dice;
using test::operation_story;

model::operation_key orders()
{
    return test::make_operation(model::operation_kind::server, "GET", "/orders/{id}");
}

model::operation_key items_query()
{
    return test::make_operation(model::operation_kind::db, "SELECT", "SELECT * FROM items WHERE order_id = ?");
}

void add_lognormal(operation_story& story, dice& random, std::uint32_t count, double median_ms, double sigma = 0.5)
{
    for (std::uint32_t index = 0; index < count; ++index) {
        const std::int64_t duration_ns = random.lognormal_ns(median_ms, sigma);
        story.add(test::make_call(story.now_ns() + index * ns_per_ms, duration_ns, model::outcome::ok, index + 1));
    }
}

void learn(operation_story& story, dice& random, std::uint32_t windows, std::uint32_t count, double median_ms = 20)
{
    for (std::uint32_t window = 0; window < windows; ++window) {
        add_lognormal(story, random, count, median_ms);
        story.close();
    }
}

struct shift_case {
    std::string name;
    double median_ms;  // Normal is 20.
    std::uint32_t requests;
    bool expected_at_once;
    bool expected_within_ten;
};

class latency_shift : public testing::TestWithParam<shift_case> {};

TEST_P(latency_shift, is_found_as_fast_as_the_traffic_allows)
{
    dice random(1234);
    operation_story story(orders());
    learn(story, random, 60, GetParam().requests);
    bool at_once = false;
    bool within_ten = false;
    for (int window = 0; window < 10; ++window) {
        add_lognormal(story, random, GetParam().requests, GetParam().median_ms);
        const bool found = !story.close().signals.empty();
        at_once = at_once || (found && window == 0);
        within_ten = within_ten || found;
    }

    EXPECT_EQ(at_once, GetParam().expected_at_once);
    EXPECT_EQ(within_ten, GetParam().expected_within_ten);
}

INSTANTIATE_TEST_SUITE_P(
    cases, latency_shift,
    testing::Values(
        shift_case{"no_shift", 20, 50, false, false}, shift_case{"ten_percent_is_drift", 22, 200, false, false},
        shift_case{"twice_at_20_a_window", 40, 20, false, true},
        shift_case{"three_times_at_20_a_window", 60, 20, false, true},
        shift_case{"three_times_at_50_a_window", 60, 50, true, true},
        shift_case{"twice_at_200_a_window", 40, 200, true, true}, shift_case{"faster_is_fine", 5, 200, false, false}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(latency, explains_the_shift_with_both_quantiles)
{
    dice random(5);
    operation_story story(orders());
    learn(story, random, 60, 200, 100);
    add_lognormal(story, random, 200, 420);

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    const model::signal& signal = found.signals[0];
    EXPECT_EQ(signal.kind, model::signal_kind::latency);
    EXPECT_EQ(signal.unit, "ns");
    EXPECT_EQ(signal.severity, model::severity::high);
    EXPECT_NEAR(signal.effect, 4.2, 1);
    EXPECT_NEAR(signal.gate, 1.3 * signal.baseline, 1);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::latency_quantile);
    EXPECT_EQ(signal.numbers.at(0).first, "quantile");
    EXPECT_NE(signal.explanation.find("GET /orders/{id} slowed down: p"), std::string::npos) << signal.explanation;
    EXPECT_NE(signal.explanation.find("normal is"), std::string::npos);
}

TEST(latency, of_answers_that_are_all_equal_is_quiet)
{
    operation_story story(orders());
    std::size_t signals = 0;
    for (int window = 0; window < 80; ++window) {
        story.add_calls(100, 0, 20 * ns_per_ms);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

TEST(latency, a_shift_below_five_milliseconds_matters_to_nobody)
{
    dice random(5);
    operation_story story(orders());
    learn(story, random, 60, 200, 0.5);
    std::size_t signals = 0;
    for (int window = 0; window < 5; ++window) {
        add_lognormal(story, random, 200, 1.5);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

TEST(latency, one_slow_window_at_low_traffic_is_no_alarm_afterwards)
{
    dice random(7);
    operation_story story(orders());
    learn(story, random, 60, 12);
    add_lognormal(story, random, 12, 45);
    story.close();

    std::size_t signals = 0;
    for (int window = 0; window < 6; ++window) {
        add_lognormal(story, random, 12, 20);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

TEST(latency, while_learning_says_nothing)
{
    dice random(7);
    operation_story story(orders());
    learn(story, random, 20, 50);
    add_lognormal(story, random, 50, 2000);

    EXPECT_TRUE(story.close().signals.empty());
}

TEST(latency, lower_limits_let_short_windows_speak_sooner)
{
    detection_limits limits;
    limits.windows_min = 8;
    limits.requests_min = 100;
    dice random(7);
    operation_story story(orders(), limits);
    learn(story, random, 14, 50);
    add_lognormal(story, random, 50, 200);

    EXPECT_EQ(story.close().signals.size(), 1U);
}

struct literal_case {
    std::string name;
    std::uint32_t windows;
    std::int64_t usual_ms;
    std::int64_t now_ms;
    std::string severity;  // Empty: no signal.
};

class literal_rule : public testing::TestWithParam<literal_case> {};

TEST_P(literal_rule, decides_by_twice_the_p95)
{
    detection_limits limits;
    limits.profile = detection_profile::agent_factory;
    operation_story story(orders(), limits);
    for (std::uint32_t window = 0; window < GetParam().windows; ++window) {
        story.add_calls(10, 0, GetParam().usual_ms * ns_per_ms);
        story.close();
    }
    story.add_calls(10, 0, GetParam().now_ms * ns_per_ms);
    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), GetParam().severity.empty() ? 0U : 1U);
    if (!found.signals.empty()) {
        EXPECT_EQ(to_text(found.signals[0].severity), GetParam().severity);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, literal_rule,
    testing::Values(
        literal_case{"twice_over_seven_windows", 7, 300, 620, "low"}, literal_case{"below_twice", 7, 300, 580, ""},
        literal_case{"below_the_floor", 7, 100, 490, ""}, literal_case{"six_windows_need_a_second", 6, 300, 620, ""},
        literal_case{"six_windows_and_a_second", 6, 300, 1100, "low"}, literal_case{"no_windows", 0, 0, 1600, "medium"},
        literal_case{"three_seconds", 9, 60, 3100, "high"}
    ),
    [](const auto& param) { return param.param.name; }
);

struct slow_case {
    std::string name;
    std::uint32_t slow_calls;
    std::int64_t slow_ms;
    std::string severity;  // Empty: no signal.
};

class slow_query : public testing::TestWithParam<slow_case> {};

TEST_P(slow_query, is_judged_by_the_clock_while_learning)
{
    operation_story story(items_query());
    story.add_calls(10, 0, 2 * ns_per_ms);
    for (std::uint32_t index = 0; index < GetParam().slow_calls; ++index) {
        const std::int64_t duration_ns = GetParam().slow_ms * ns_per_ms;
        story.add(test::make_call(story.now_ns() + index, duration_ns, model::outcome::ok, index + 1));
    }
    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), GetParam().severity.empty() ? 0U : 1U);
    if (!found.signals.empty()) {
        EXPECT_EQ(found.signals[0].kind, model::signal_kind::slow_query);
        EXPECT_EQ(to_text(found.signals[0].severity), GetParam().severity);
        EXPECT_FALSE(found.findings[0].alarmed);
    }
}

INSTANTIATE_TEST_SUITE_P(
    cases, slow_query,
    testing::Values(
        slow_case{"three_calls_of_320_ms", 3, 320, "low"}, slow_case{"three_calls_of_600_ms", 3, 600, "medium"},
        slow_case{"three_calls_of_a_second", 3, 1100, "high"}, slow_case{"one_single_slow_call", 1, 900, ""},
        slow_case{"all_below_the_threshold", 5, 250, ""}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(slow_query_shift, against_its_baseline_is_found_below_the_clock_threshold)
{
    dice random(77);
    operation_story story(items_query());
    learn(story, random, 60, 100, 4);
    add_lognormal(story, random, 100, 90);

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    EXPECT_EQ(found.signals[0].kind, model::signal_kind::slow_query);
    EXPECT_EQ(found.signals[0].severity, model::severity::low);
    EXPECT_TRUE(found.signals[0].p_value);
}

TEST(slow_query_shift, a_query_that_is_always_slow_is_normal_once_known)
{
    dice random(77);
    operation_story story(items_query());
    learn(story, random, 60, 20, 700);
    std::size_t signals = 0;
    for (int window = 0; window < 20; ++window) {
        add_lognormal(story, random, 20, 700);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

TEST(slow_query_literal, one_call_is_enough_in_the_agent_factory_profile)
{
    detection_limits limits;
    limits.profile = detection_profile::agent_factory;
    operation_story story(items_query(), limits);
    story.add_calls(1, 0, 1200 * ns_per_ms);

    EXPECT_EQ(story.close().signals.at(0).severity, model::severity::high);
}

}  // namespace
}  // namespace reprise::detect
