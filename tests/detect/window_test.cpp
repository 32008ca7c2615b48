#include "reprise/detect/window.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using model::operation_kind;
using model::outcome;
using test::make_call;

struct failing_case {
    std::string name;
    operation_kind kind;
    std::uint64_t expected;
};

class failing_table : public testing::TestWithParam<failing_case> {};

TEST_P(failing_table, counts_what_is_wrong_for_the_owner)
{
    const outcome_counts counts = {100, 8, 4, 2, 1};  // ok, client_error, throttled, server_error, cancelled

    EXPECT_EQ(failing_count(GetParam().kind, counts), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, failing_table,
    testing::Values(
        failing_case{"a_server_fails_with_5xx_only", operation_kind::server, 2},
        failing_case{"a_client_fails_with_4xx_429_and_5xx", operation_kind::client, 14},
        failing_case{"a_statement_fails_when_it_fails", operation_kind::db, 2}
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(operation_window, counts_by_outcome_and_status_class)
{
    operation_window window(operation_kind::server);
    window.add(make_call(100, 5, outcome::ok, 1));
    window.add(make_call(50, 7, outcome::server_error, 2));
    window.add(make_call(70, 9, outcome::server_error, 3));
    auto odd = make_call(200, 9, outcome::cancelled, 4);
    odd.status = 999;
    window.add(odd);

    const auto key = test::make_operation(operation_kind::server, "POST", "/orders");
    const operation_summary summary = window.summarise(key, 42);

    EXPECT_EQ(summary.operation_id, 42U);
    EXPECT_EQ(summary.requests, 3U);
    EXPECT_EQ(summary.failing(), 2U);
    EXPECT_EQ(summary.status_classes[2], 1U);
    EXPECT_EQ(summary.status_classes[5], 2U);
    EXPECT_EQ(summary.status_classes[0], 1U);
    EXPECT_EQ(summary.first_start_ns, 50);
    EXPECT_EQ(summary.last_start_ns, 200);
    EXPECT_EQ(summary.first_failing_ns, 50);
    EXPECT_EQ(summary.failing_traces, 2U);
    EXPECT_EQ(summary.durations.count(), 1U);
    EXPECT_FALSE(summary.burst);
}

TEST(operation_window, one_failing_trace_stays_one_however_often_it_fails)
{
    operation_window window(operation_kind::server);
    for (int index = 0; index < 5; ++index)
        window.add(make_call(index, 5, outcome::server_error, 9));

    EXPECT_EQ(window.summarise({}, 1).failing_traces, 1U);
}

TEST(operation_window, client_operations_carry_their_burst)
{
    operation_window window(operation_kind::client);
    for (std::int64_t index = 0; index < 40; ++index)
        window.add(make_call(index * ns_per_ms, 20 * ns_per_ms, outcome::ok, 1));

    const auto summary = window.summarise(test::make_operation(operation_kind::client, "GET", "/messages/{id}"), 1);

    ASSERT_TRUE(summary.burst);
    EXPECT_EQ(summary.burst->max_arrivals_50ms, 40U);
    EXPECT_EQ(summary.burst->peak_in_flight, 20U);
}

TEST(operation_window, resets_to_empty_and_allocates_no_more_for_the_same_spread)
{
    operation_window window(operation_kind::client);
    const auto fill = [&window] {
        for (std::int64_t index = 0; index < 500; ++index)
            window.add(make_call(index, (index % 40 + 1) * ns_per_ms, outcome::ok, 1));
    };
    fill();
    const std::size_t before = window.memory_bytes();

    window.reset();
    EXPECT_TRUE(window.empty());
    EXPECT_EQ(window.summarise({}, 1).requests, 0U);
    fill();

    EXPECT_EQ(window.memory_bytes(), before);
    EXPECT_EQ(window.calls(), 500U);
}

}  // namespace
}  // namespace reprise::detect
