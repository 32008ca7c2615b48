#include "reprise/detect/call_groups.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise::detect {
namespace {

constexpr std::uint64_t items_query = 11;
constexpr std::uint64_t orders_route = 22;

model::observation make_query(std::uint64_t trace, std::uint64_t argument, std::int64_t start_ns = 1000)
{
    model::observation call = test::make_call(start_ns, 2 * ns_per_ms, model::outcome::ok, trace);
    call.operation = items_query;
    call.parent_span = 5;
    call.detail_hash = argument;
    return call;
}

model::observation make_request(std::uint64_t trace, std::int64_t duration_ns = 100 * ns_per_ms)
{
    model::observation request = test::make_call(500, duration_ns, model::outcome::ok, trace);
    request.operation = orders_route;
    request.span = 5;
    return request;
}

TEST(call_groups, counts_the_calls_under_each_request)
{
    call_groups groups;
    for (std::uint64_t argument = 1; argument <= 24; ++argument)
        groups.add_call(make_query(1, argument, static_cast<std::int64_t>(argument) * ns_per_ms));
    groups.add_call(make_query(2, 1));
    groups.add_inbound(make_request(1));

    const auto repeated = groups.list_repeated(5);

    ASSERT_EQ(repeated.size(), 1U);
    EXPECT_EQ(repeated[0].calls, 24U);
    EXPECT_EQ(repeated[0].parent_operation, orders_route);
    EXPECT_EQ(repeated[0].parent_duration_ns, 100 * ns_per_ms);
    EXPECT_EQ(repeated[0].duration_sum_ns, 48 * ns_per_ms);
    EXPECT_EQ(repeated[0].first_start_ns, 1 * ns_per_ms);
    EXPECT_EQ(repeated[0].last_start_ns, 24 * ns_per_ms);
    EXPECT_NEAR(repeated[0].arguments, 24, 4);
}

TEST(call_groups, the_same_argument_again_is_one_argument)
{
    call_groups groups;
    for (int index = 0; index < 30; ++index)
        groups.add_call(make_query(1, 77));

    EXPECT_EQ(groups.list_repeated(5).at(0).arguments, 1U);
}

TEST(call_groups, arguments_that_the_records_do_not_say_are_unknown)
{
    call_groups groups;
    for (int index = 0; index < 6; ++index)
        groups.add_call(make_query(1, 0));

    EXPECT_EQ(groups.list_repeated(5).at(0).arguments, 0U);
}

TEST(call_groups, calls_without_a_trace_are_not_grouped)
{
    call_groups groups;
    for (std::uint64_t index = 1; index < 10; ++index)
        groups.add_call(make_query(0, index));

    EXPECT_EQ(groups.groups(), 0U);
    EXPECT_EQ(groups.overflowed(), 0U);
}

TEST(call_groups, the_order_of_arrival_does_not_matter)
{
    std::vector<model::observation> calls;
    for (std::uint64_t trace = 1; trace <= 3; ++trace) {
        for (std::uint64_t argument = 1; argument <= 6; ++argument)
            calls.push_back(make_query(trace, argument, static_cast<std::int64_t>(argument * 10 + trace)));
    }
    call_groups forward;
    call_groups backward;
    forward.add_inbound(make_request(2, 50));
    forward.add_inbound(make_request(2, 70));
    for (const auto& call : calls)
        forward.add_call(call);
    for (auto call = calls.rbegin(); call != calls.rend(); ++call)
        backward.add_call(*call);
    backward.add_inbound(make_request(2, 70));
    backward.add_inbound(make_request(2, 50));

    const auto a = forward.list_repeated(5);
    const auto b = backward.list_repeated(5);

    ASSERT_EQ(a.size(), 3U);
    ASSERT_EQ(b.size(), 3U);
    for (std::size_t index = 0; index < a.size(); ++index) {
        EXPECT_EQ(a[index].trace, b[index].trace);
        EXPECT_EQ(a[index].first_start_ns, b[index].first_start_ns);
        EXPECT_EQ(a[index].arguments, b[index].arguments);
        EXPECT_EQ(a[index].parent_duration_ns, b[index].parent_duration_ns);
    }
    EXPECT_EQ(a[1].parent_duration_ns, 70);
}

TEST(call_groups, beyond_the_cap_keeps_whole_traces_and_counts_the_calls_of_the_others)
{
    constexpr std::uint64_t traces = call_groups::groups_max + 100;
    call_groups groups;
    for (std::uint64_t trace = 1; trace <= traces; ++trace) {
        for (std::uint64_t argument = 1; argument <= 5; ++argument)
            groups.add_call(make_query(trace, argument));
    }

    EXPECT_LE(groups.groups(), call_groups::groups_max);
    EXPECT_GE(groups.groups(), call_groups::groups_max / 3);
    EXPECT_EQ(groups.overflowed(), 5 * (traces - groups.groups()));
    EXPECT_EQ(groups.list_repeated(5).size(), groups.groups());
    EXPECT_LE(groups.memory_bytes(), 2U * 1024 * 1024);
}

TEST(call_groups, which_traces_stay_beyond_the_cap_does_not_depend_on_the_order)
{
    constexpr std::uint64_t traces = 3 * call_groups::groups_max;
    call_groups forward;
    call_groups backward;
    for (std::uint64_t trace = 1; trace <= traces; ++trace) {
        forward.add_inbound(make_request(trace));
        forward.add_call(make_query(trace, 1));
    }
    for (std::uint64_t trace = traces; trace >= 1; --trace)
        backward.add_call(make_query(trace, 1));
    for (std::uint64_t trace = traces; trace >= 1; --trace)
        backward.add_inbound(make_request(trace));

    const auto a = forward.list_repeated(1);
    const auto b = backward.list_repeated(1);

    ASSERT_EQ(a.size(), b.size());
    for (std::size_t index = 0; index < a.size(); ++index) {
        EXPECT_EQ(a[index].trace, b[index].trace);
        EXPECT_EQ(a[index].parent_operation, b[index].parent_operation);
    }
    EXPECT_EQ(forward.overflowed(), backward.overflowed());
}

TEST(call_groups, clearing_starts_anew_in_the_same_memory)
{
    call_groups groups;
    for (std::uint64_t trace = 1; trace <= 500; ++trace) {
        groups.add_call(make_query(trace, 1));
        groups.add_inbound(make_request(trace));
    }
    const std::size_t before = groups.memory_bytes();

    groups.clear();
    for (std::uint64_t trace = 1; trace <= 500; ++trace)
        groups.add_call(make_query(trace, 1));

    EXPECT_EQ(groups.memory_bytes(), before);
    EXPECT_EQ(groups.groups(), 500U);
    EXPECT_EQ(groups.list_repeated(1).at(0).parent_operation, 0U);
}

}  // namespace
}  // namespace reprise::detect
