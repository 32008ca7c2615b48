#include "builders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace reprise::detect {
namespace {

using test::operation_story;

constexpr std::int64_t latency_ns = 20 * ns_per_ms;

model::operation_key messages()
{
    return test::make_operation(model::operation_kind::client, "GET", "/messages/{id}");
}

// One sync: two pages of 100 messages, fetched by `workers` at once; beyond 172 within 50 ms the answer is 429.
void add_sync(operation_story& story, std::uint64_t trace, std::int64_t at_ns, std::int64_t workers)
{
    std::int64_t page_ns = at_ns;
    std::uint32_t quick = 0;
    for (int page = 0; page < 2; ++page) {
        for (std::int64_t message = 0; message < 100; ++message) {
            const std::int64_t start_ns = page_ns + message / workers * latency_ns;
            quick += workers >= 100 ? 1U : 0U;
            const auto outcome = quick > 172 ? model::outcome::throttled : model::outcome::ok;
            story.add(test::make_call(start_ns, latency_ns, outcome, trace));
        }
        page_ns += (100 + workers - 1) / workers * latency_ns;
    }
}

double number(const model::signal& signal, const std::string& name)
{
    const auto found = std::find_if(signal.numbers.begin(), signal.numbers.end(), [&](const auto& entry) {
        return entry.first == name;
    });
    return found == signal.numbers.end() ? -1 : found->second;
}

TEST(rate_limit_burst, is_told_with_both_measures_even_on_first_sight)
{
    operation_story story(messages());
    add_sync(story, 1, story.now_ns() + ns_per_s, 100);
    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    const model::signal& signal = found.signals[0];
    EXPECT_EQ(signal.kind, model::signal_kind::rate_limit_burst);
    EXPECT_EQ(signal.severity, model::severity::high);
    EXPECT_EQ(signal.observed, 200);
    EXPECT_EQ(signal.observed_k, 28U);
    EXPECT_EQ(signal.observed_n, 200U);
    EXPECT_EQ(signal.gate, 100);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::burst);
    EXPECT_EQ(number(signal, "peak_in_flight"), 100);
    EXPECT_EQ(number(signal, "max_arrivals_50ms"), 200);
    EXPECT_EQ(number(signal, "throttled_in_interval"), 28);
    EXPECT_NE(
        signal.explanation.find("GET /messages/{id} was throttled (429) 28 of 200 times (14.0 %)"), std::string::npos
    ) << signal.explanation;
    EXPECT_NE(signal.explanation.find(", 28 of them at the same moment;"), std::string::npos) << signal.explanation;
    EXPECT_NE(signal.explanation.find("up to 200 calls within 50 ms, at most 100 were in flight"), std::string::npos)
        << signal.explanation;
}

TEST(rate_limit_burst, against_a_calm_baseline_gates_above_the_calm_burst)
{
    detection_limits limits;
    operation_story story(messages(), limits);
    for (std::uint64_t window = 1; window <= 40; ++window) {
        add_sync(story, window, story.now_ns(), 10);
        EXPECT_TRUE(story.close().signals.empty());
    }
    add_sync(story, 1000, story.now_ns(), 100);
    add_sync(story, 1001, story.now_ns() + 5 * ns_per_s, 100);

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    EXPECT_EQ(found.signals[0].kind, model::signal_kind::rate_limit_burst);
    EXPECT_EQ(found.signals[0].baseline, 30);
    EXPECT_EQ(found.signals[0].gate, 46);
    EXPECT_EQ(found.signals[0].observed, 200);
    ASSERT_TRUE(found.signals[0].p_value);
    EXPECT_LT(*found.signals[0].p_value, 1e-12);
}

TEST(rate_limit_burst, other_failures_are_reported_beside_it_and_not_mixed_in)
{
    operation_story story(messages());
    add_sync(story, 1, story.now_ns(), 100);
    for (std::uint64_t index = 0; index < 230; ++index)
        story.add(test::make_call(story.now_ns() + ns_per_s, latency_ns, model::outcome::server_error, 100 + index));

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 2U);
    EXPECT_EQ(found.signals[0].kind, model::signal_kind::error_rate);
    EXPECT_EQ(found.signals[0].observed_k, 230U);
    EXPECT_NE(found.signals[0].explanation.find("(429 not counted)"), std::string::npos);
    EXPECT_EQ(found.signals[1].kind, model::signal_kind::rate_limit_burst);
}

TEST(rate_limit_burst, without_dense_arrivals_is_confirmed_by_the_share)
{
    operation_story story(messages());
    for (std::uint64_t index = 1; index <= 100; ++index) {
        const auto outcome = index % 4 == 0 ? model::outcome::throttled : model::outcome::ok;
        const std::int64_t start_ns = story.now_ns() + static_cast<std::int64_t>(index) * 500 * ns_per_ms;
        story.add(test::make_call(start_ns, latency_ns, outcome, index));
    }

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    EXPECT_EQ(found.signals[0].confirm_with, model::confirm_metric::failing_share);
    EXPECT_EQ(found.signals[0].unit, "ratio");
    EXPECT_NEAR(found.signals[0].observed, 0.25, 1e-12);
}

struct calm_case {
    std::string name;
    std::uint64_t calls;
    std::uint64_t throttled;
};

class rate_limit_calm : public testing::TestWithParam<calm_case> {};

TEST_P(rate_limit_calm, says_nothing_while_learning)
{
    operation_story story(messages());
    for (std::uint64_t index = 0; index < GetParam().calls; ++index) {
        const auto outcome = index < GetParam().throttled ? model::outcome::throttled : model::outcome::ok;
        story.add(test::make_call(story.now_ns() + ns_per_ms, latency_ns, outcome, index + 1));
    }

    EXPECT_TRUE(story.close().signals.empty());
}

INSTANTIATE_TEST_SUITE_P(
    cases, rate_limit_calm,
    testing::Values(
        calm_case{"no_calls", 0, 0}, calm_case{"none_throttled", 300, 0}, calm_case{"nine_throttled", 20, 9},
        calm_case{"ten_of_very_many", 5000, 10}
    ),
    [](const auto& param) { return param.param.name; }
);

}  // namespace
}  // namespace reprise::detect
