#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using test::operation_story;

model::operation_key orders()
{
    return test::make_operation(model::operation_kind::server, "POST", "/orders");
}

void learn(operation_story& story, std::uint32_t windows, std::uint32_t requests, std::uint32_t failing_every)
{
    for (std::uint32_t window = 1; window <= windows; ++window) {
        story.add_calls(requests, failing_every != 0 && window % failing_every == 0 ? 1 : 0, 20 * ns_per_ms);
        story.close();
    }
}

TEST(error_rate, a_clear_rise_is_told_with_its_numbers_at_once)
{
    operation_story story(orders());
    learn(story, 60, 200, 3);
    story.add_calls(193, 28, 20 * ns_per_ms);

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    const model::signal& signal = found.signals[0];
    EXPECT_EQ(signal.kind, model::signal_kind::error_rate);
    EXPECT_EQ(signal.severity, model::severity::high);
    EXPECT_EQ(signal.observed_k, 28U);
    EXPECT_EQ(signal.observed_n, 193U);
    EXPECT_NEAR(signal.observed, 28.0 / 193, 1e-12);
    EXPECT_NEAR(signal.baseline, 1.0 / 600, 0.0005);
    EXPECT_GT(signal.baseline_n, 9000U);
    EXPECT_EQ(signal.baseline_windows, 55U);
    EXPECT_EQ(signal.baseline_age_ns, 60 * test::minute_ns);
    ASSERT_TRUE(signal.p_value);
    EXPECT_LT(*signal.p_value, 1e-12);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::failing_share);
    EXPECT_NEAR(signal.gate, 0.0117, 0.001);
    EXPECT_EQ(signal.trace_ids.size(), 1U);
    EXPECT_NE(signal.explanation.find("POST /orders failed 28 of 193 requests (14.5 %) since "), std::string::npos)
        << signal.explanation;
    EXPECT_NE(signal.explanation.find("; normal is 0.2 % ("), std::string::npos) << signal.explanation;
    EXPECT_NE(signal.sensitivity.find("193 requests a window"), std::string::npos) << signal.sensitivity;
    EXPECT_TRUE(found.findings[0].alarmed);
}

TEST(error_rate, a_small_rise_must_last)
{
    operation_story story(orders());
    learn(story, 60, 60, 0);
    story.add_calls(60, 5, 20 * ns_per_ms);
    const detection first = story.close();
    story.add_calls(60, 5, 20 * ns_per_ms);
    const detection second = story.close();

    EXPECT_TRUE(first.signals.empty());
    ASSERT_EQ(second.signals.size(), 1U);
    EXPECT_EQ(second.signals[0].observed_k, 10U);
    EXPECT_EQ(second.signals[0].observed_n, 120U);
    EXPECT_GE(second.findings[0].windows, 2U);
}

TEST(error_rate, one_bad_window_alone_is_no_alarm_in_the_next)
{
    operation_story story(orders());
    learn(story, 60, 60, 0);
    story.add_calls(60, 5, 20 * ns_per_ms);
    story.close();

    std::size_t signals = 0;
    for (int window = 0; window < 6; ++window) {
        story.add_calls(60, 0, 20 * ns_per_ms);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

struct quiet_case {
    std::string name;
    std::uint32_t windows;
    std::uint32_t requests;
    std::uint32_t failing;
};

class error_rate_quiet : public testing::TestWithParam<quiet_case> {};

TEST_P(error_rate_quiet, says_nothing)
{
    operation_story story(orders());
    learn(story, GetParam().windows, 100, 4);
    std::size_t signals = 0;
    for (int window = 0; window < 3; ++window) {
        story.add_calls(GetParam().requests, GetParam().failing, 20 * ns_per_ms);
        signals += story.close().signals.size();
    }

    EXPECT_EQ(signals, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    cases, error_rate_quiet,
    testing::Values(
        quiet_case{"all_good", 60, 100, 0}, quiet_case{"as_many_as_usual", 60, 100, 1},
        quiet_case{"no_requests", 60, 0, 0}, quiet_case{"one_lone_request_that_fails", 60, 1, 1},
        quiet_case{"learning_and_below_half", 5, 100, 40}, quiet_case{"learning_and_too_few", 5, 9, 9},
        quiet_case{"never_seen_and_too_few", 0, 3, 3}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(error_rate, while_learning_half_of_ten_is_enough)
{
    operation_story story(orders());
    story.add_calls(10, 5, 20 * ns_per_ms);

    const detection found = story.close();

    ASSERT_EQ(found.signals.size(), 1U);
    EXPECT_FALSE(found.signals[0].p_value);
    EXPECT_EQ(found.signals[0].rule, "at least 50.0 % of at least 10 requests answered with 5xx");
    EXPECT_NE(found.signals[0].explanation.find("still being learned"), std::string::npos);
    EXPECT_NE(found.signals[0].sensitivity.find("Learning"), std::string::npos);
}

TEST(error_rate, failures_of_one_single_trace_are_not_enough)
{
    operation_story story(orders());
    learn(story, 60, 100, 0);
    std::size_t signals = 0;
    story.add_calls(90, 0, 20 * ns_per_ms);
    for (int retry = 0; retry < 10; ++retry)
        story.add(test::make_call(story.now_ns() + retry, ns_per_ms, model::outcome::server_error, 999'999));
    signals += story.close().signals.size();

    EXPECT_EQ(signals, 0U);
}

TEST(error_rate, more_than_half_of_most_of_the_service_is_critical)
{
    operation_story story(orders());
    learn(story, 60, 200, 3);
    story.add_calls(200, 150, 20 * ns_per_ms);

    EXPECT_EQ(story.close().signals.at(0).severity, model::severity::critical);
}

TEST(error_rate, the_same_share_of_a_tiny_part_of_the_service_is_less)
{
    operation_summary busy;
    busy.operation = test::make_operation(model::operation_kind::server, "GET", "/");
    busy.operation_id = 77;
    busy.requests = 100'000;
    busy.outcomes[0] = 100'000;
    operation_story story(orders());
    learn(story, 60, 200, 3);
    story.add_calls(200, 150, 20 * ns_per_ms);

    EXPECT_EQ(story.close({busy}).signals.at(0).severity, model::severity::medium);
}

TEST(error_rate, client_errors_are_failures_for_the_caller_only)
{
    for (const auto kind : {model::operation_kind::server, model::operation_kind::client}) {
        operation_story story(test::make_operation(kind, "GET", "/users/{id}"));
        learn(story, 60, 100, 0);
        for (std::uint64_t index = 1; index <= 100; ++index) {
            const auto outcome = index % 2 == 0 ? model::outcome::client_error : model::outcome::ok;
            const std::int64_t start_ns = story.now_ns() + static_cast<std::int64_t>(index);
            story.add(test::make_call(start_ns, 20 * ns_per_ms, outcome, index));
        }

        EXPECT_EQ(story.close().signals.size(), kind == model::operation_kind::client ? 1U : 0U);
    }
}

TEST(error_rate, of_internal_work_and_messages_is_not_judged)
{
    for (const auto kind : {model::operation_kind::internal, model::operation_kind::messaging}) {
        operation_story story(test::make_operation(kind, "", "job"));
        story.add_calls(50, 50, 20 * ns_per_ms);

        EXPECT_TRUE(story.close().signals.empty());
    }
}

TEST(error_rate, the_priors_come_from_the_service_itself)
{
    // An operation that just became ready, in a service where 10 % of everything fails: 10 % is not news.
    baseline fresh;
    fresh.windows = 30;
    fresh.requests_seen = 200;
    fresh.normal.requests = 200;
    baseline noisy;
    noisy.normal.requests = 100'000;
    noisy.normal.failing = 30'000;
    service_window window;
    window.start_ns = test::day_start_ns;
    window.end_ns = test::day_start_ns + test::minute_ns;
    operation_summary now;
    now.operation = orders();
    now.requests = 40;
    now.outcomes = {34, 0, 0, 6, 0};
    now.failing_traces = 2;
    operation_summary other;
    other.operation = test::make_operation(model::operation_kind::server, "GET", "/noisy");
    window.operations = {now, other};

    const auto alone = detect(window, std::vector<const baseline*>{&fresh, nullptr}, {});
    const auto beside = detect(window, std::vector<const baseline*>{&fresh, &noisy}, {});

    EXPECT_EQ(alone.findings[0].suspicious, 1);
    EXPECT_EQ(beside.findings[0].suspicious, 0);
}

}  // namespace
}  // namespace reprise::detect
