#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reprise::detect {
namespace {

using test::operation_story;

model::operation_key items_query(std::string verb = "SELECT")
{
    return test::make_operation(model::operation_kind::db, verb, verb + " FROM items WHERE id = ?");
}

// 24 lookups of 3 ms each, one after the other, under requests of 100 ms, in three traces.
repeated_call make_loop()
{
    repeated_call group;
    group.parent_operation = 900;
    group.calls = 24;
    group.duration_sum_ns = 72 * ns_per_ms;
    group.first_start_ns = test::day_start_ns;
    group.last_start_ns = test::day_start_ns + 69 * ns_per_ms;
    group.parent_duration_ns = 100 * ns_per_ms;
    group.arguments = 24;
    return group;
}

detection close_with(const model::operation_key& operation, repeated_call group, std::uint64_t traces)
{
    operation_summary parent;
    parent.operation = test::make_operation(model::operation_kind::server, "GET", "/orders");
    parent.operation_id = 900;
    operation_story story(operation);
    story.add_calls(group.calls, 0, ns_per_ms);
    group.operation = story.id();
    for (std::uint64_t trace = 1; trace <= traces; ++trace) {
        group.trace = {7, trace};
        story.repeated.push_back(group);
    }
    return story.close({parent});
}

TEST(n_plus_one, names_the_request_the_query_and_the_numbers)
{
    const detection found = close_with(items_query(), make_loop(), 3);

    ASSERT_EQ(found.signals.size(), 1U);
    const model::signal& signal = found.signals[0];
    EXPECT_EQ(signal.kind, model::signal_kind::n_plus_one);
    EXPECT_EQ(signal.severity, model::severity::medium);
    EXPECT_EQ(signal.observed, 24);
    EXPECT_EQ(signal.observed_k, 72U);
    EXPECT_EQ(signal.observed_n, 3U);
    EXPECT_EQ(signal.gate, 5);
    EXPECT_EQ(signal.confirm_with, model::confirm_metric::calls_per_parent);
    EXPECT_EQ(signal.trace_ids.size(), 3U);
    EXPECT_EQ(
        signal.explanation.substr(0, signal.explanation.find(" since")),
        "GET /orders called SELECT FROM items WHERE id = ? 24.0 times per request in 3 traces"
    );
    EXPECT_NE(signal.explanation.find("72.0 % of its time; the arguments differ each time."), std::string::npos)
        << signal.explanation;
    EXPECT_FALSE(found.findings[0].alarmed);
}

struct guard_case {
    std::string name;
    repeated_call group;
    std::uint64_t traces;
    std::string verb;
    bool expected;
};

guard_case with(std::string name, bool expected, void (*change)(guard_case&))
{
    guard_case made{std::move(name), make_loop(), 3, "SELECT", expected};
    change(made);
    return made;
}

class n_plus_one_guard : public testing::TestWithParam<guard_case> {};

TEST_P(n_plus_one_guard, decides)
{
    const auto found = close_with(items_query(GetParam().verb), GetParam().group, GetParam().traces);

    EXPECT_EQ(found.signals.size(), GetParam().expected ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    cases, n_plus_one_guard,
    testing::Values(
        with("a_loop_in_three_traces", true, [](guard_case&) {}),
        with("twenty_in_a_single_trace", true, [](guard_case& c) { c.traces = 1; }),
        with("nineteen_in_two_traces", false, [](guard_case& c) { c.traces = 2; c.group.calls = 19; }),
        with("four_calls", false, [](guard_case& c) { c.group.calls = 4; }),
        with("retries_with_the_same_arguments", false, [](guard_case& c) {
            c.group.arguments = 1;
            c.group.failed = 23;
        }),
        with("a_cacheable_repeat", false, [](guard_case& c) { c.group.arguments = 2; }),
        with("cheap_under_a_long_request", false, [](guard_case& c) {
            c.group.duration_sum_ns = 5 * ns_per_ms;
            c.group.parent_duration_ns = 900 * ns_per_ms;
        }),
        with("cheap_but_a_fifth_of_the_request", true, [](guard_case& c) {
            c.group.duration_sum_ns = 5 * ns_per_ms;
            c.group.parent_duration_ns = 20 * ns_per_ms;
        }),
        with("cheap_and_the_request_unknown", false, [](guard_case& c) {
            c.group.duration_sum_ns = 5 * ns_per_ms;
            c.group.parent_duration_ns = 0;
        }),
        with("paged_with_a_pause", false, [](guard_case& c) {
            c.group.last_start_ns = c.group.first_start_ns + 24 * 500 * ns_per_ms;
        }),
        with("slow_calls_back_to_back", true, [](guard_case& c) {
            c.group.last_start_ns = c.group.first_start_ns + 23 * 150 * ns_per_ms;
            c.group.duration_sum_ns = 24 * 150 * ns_per_ms;
            c.group.parent_duration_ns = c.group.duration_sum_ns;
        }),
        with("all_at_once", true, [](guard_case& c) { c.group.last_start_ns = c.group.first_start_ns; }),
        with("arguments_unknown", true, [](guard_case& c) { c.group.arguments = 0; }),
        with("arguments_unknown_and_most_fail", false, [](guard_case& c) {
            c.group.arguments = 0;
            c.group.failed = 20;
        }),
        with("a_batch_of_inserts", false, [](guard_case& c) { c.verb = "INSERT"; }),
        with("fetching_from_a_cursor", false, [](guard_case& c) { c.verb = "fetch"; }),
        with("transaction_steps", false, [](guard_case& c) { c.verb = "BEGIN"; })
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(n_plus_one, counts_for_calls_to_other_services_too)
{
    const auto operation = test::make_operation(model::operation_kind::client, "POST", "/prices");

    EXPECT_EQ(close_with(operation, make_loop(), 3).signals.size(), 1U);
}

TEST(n_plus_one, a_hundred_calls_per_request_are_high)
{
    repeated_call group = make_loop();
    group.calls = group.arguments = 120;

    EXPECT_EQ(close_with(items_query(), group, 3).signals.at(0).severity, model::severity::high);
    EXPECT_EQ(close_with(items_query(), group, 1).signals.at(0).severity, model::severity::medium);
}

}  // namespace
}  // namespace reprise::detect
