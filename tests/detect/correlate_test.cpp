#include "reprise/detect/correlate.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reprise::detect {
namespace {

using test::minute_ns;

constexpr std::int64_t noon_ns = test::day_start_ns;

model::signal make_signal(std::int64_t windows_later)
{
    model::signal signal;
    signal.operation = test::make_operation(model::operation_kind::server, "POST", "/orders");
    signal.window_start_ns = noon_ns + windows_later * minute_ns;
    signal.window_end_ns = signal.window_start_ns + minute_ns;
    signal.trace_ids = {"aaaa"};
    return signal;
}

incident_scope make_scope()
{
    incident_scope scope;
    scope.incident_id = "one";
    scope.service = "shop";
    scope.first_window_start_ns = noon_ns;
    scope.last_window_end_ns = noon_ns + minute_ns;
    scope.operations = {test::make_operation(model::operation_kind::server, "POST", "/orders", model::source::rrpair)};
    return scope;
}

struct join_case {
    std::string name;
    void (*change)(model::signal&, incident_scope&);
    std::string expected;  // The reason; empty: a problem of its own.
};

class join_table : public testing::TestWithParam<join_case> {};

TEST_P(join_table, decides)
{
    model::signal signal = make_signal(0);
    incident_scope scope = make_scope();
    GetParam().change(signal, scope);

    EXPECT_EQ(find_join_reason(signal, scope).value_or(""), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    cases, join_table,
    testing::Values(
        join_case{
            "the_other_source_of_the_same_operation", [](model::signal&, incident_scope&) {},
            "same operation POST /orders in the same windows"
        },
        join_case{
            "two_windows_later", [](model::signal& s, incident_scope&) { s = make_signal(3); },
            "same operation POST /orders in a neighbouring window"
        },
        join_case{"three_windows_later", [](model::signal& s, incident_scope&) { s = make_signal(4); }, ""},
        join_case{
            "two_windows_earlier", [](model::signal& s, incident_scope&) { s = make_signal(-3); },
            "same operation POST /orders in a neighbouring window"
        },
        join_case{"three_windows_earlier", [](model::signal& s, incident_scope&) { s = make_signal(-4); }, ""},
        join_case{"another_service", [](model::signal&, incident_scope& i) { i.service = "cart"; }, ""},
        join_case{"another_route", [](model::signal& s, incident_scope&) { s.operation.route = "/items"; }, ""},
        join_case{"another_method", [](model::signal& s, incident_scope&) { s.operation.method = "GET"; }, ""},
        join_case{
            "another_route_in_the_same_trace",
            [](model::signal& s, incident_scope& i) {
                s.operation.route = "/items";
                i.trace_ids = {"bbbb", "aaaa"};
            },
            "shared trace aaaa in the same windows"
        }
    ),
    [](const auto& param) { return param.param.name; }
);

TEST(find_join, prefers_a_shared_operation_and_then_the_newest)
{
    incident_scope by_trace = make_scope();
    by_trace.operations.clear();
    by_trace.trace_ids = {"aaaa"};
    by_trace.last_window_end_ns += 5 * minute_ns;
    incident_scope older = make_scope();
    incident_scope newer = make_scope();
    newer.last_window_end_ns += minute_ns;
    const std::vector<incident_scope> scopes = {by_trace, older, newer};

    const auto joined = find_join(make_signal(1), scopes);

    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->scope, 2U);
    EXPECT_FALSE(find_join(make_signal(50), scopes));
    EXPECT_FALSE(find_join(make_signal(0), {}));
}

}  // namespace
}  // namespace reprise::detect
