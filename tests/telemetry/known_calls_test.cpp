#include "../../server/telemetry/known_calls.hpp"

#include "reprise/base/hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t hash = 0x4711'0815'4711'0815ULL;

call_view get_order()
{
    call_view call;
    call.source = model::source::span;
    call.kind = model::operation_kind::server;
    call.form = target_form::path;
    call.service = "shop";
    call.protocol = "http";
    call.method = "GET";
    call.target = "/orders/{id}";
    return call;
}

known_calls::known operation_of(const call_view& call, std::string_view route = "/orders/{id}")
{
    return {{call.source, call.kind, call.service, call.protocol, call.method, route}, 17};
}

TEST(known_calls, a_call_is_known_once_it_was_noted_twice)
{
    known_calls calls;
    EXPECT_EQ(calls.find(get_order(), hash), nullptr);
    calls.note(get_order(), hash, operation_of(get_order()));
    EXPECT_EQ(calls.find(get_order(), hash), nullptr);
    calls.note(get_order(), hash, operation_of(get_order()));

    const auto* known = calls.find(get_order(), hash);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->id, 17U);
    EXPECT_EQ(known->operation.service, "shop");
    EXPECT_EQ(known->operation.protocol, "http");
    EXPECT_EQ(known->operation.method, "GET");
    EXPECT_EQ(known->operation.route, "/orders/{id}");
}

TEST(known_calls, keeps_texts_of_its_own)
{
    known_calls calls;
    std::string target = "/orders/17";
    std::string route = "/orders/{id}";
    call_view call = get_order();
    call.target = target;
    for (int i = 0; i < 2; ++i)
        calls.note(call, hash, operation_of(call, route));
    target.assign(10, 'x');
    route.assign(12, 'x');

    call.target = "/orders/17";
    const auto* known = calls.find(call, hash);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->operation.route, "/orders/{id}");
}

TEST(known_calls, equal_hashes_do_not_make_calls_equal)
{
    known_calls calls;
    for (int i = 0; i < 3; ++i)
        calls.note(get_order(), hash, operation_of(get_order()));
    EXPECT_EQ(calls.size(), 1U);

    const std::vector<std::function<void(call_view&)>> changes = {
        [](call_view& call) { call.source = model::source::rrpair; },
        [](call_view& call) { call.kind = model::operation_kind::client; },
        [](call_view& call) { call.form = target_form::name; },
        [](call_view& call) { call.service = "cart"; },
        [](call_view& call) { call.protocol = "https"; },
        [](call_view& call) { call.method = "PUT"; },
        [](call_view& call) { call.target = "/orders"; },
    };
    for (const auto& change : changes) {
        call_view other = get_order();
        change(other);
        EXPECT_EQ(calls.find(other, hash), nullptr);
    }
    EXPECT_NE(calls.find(get_order(), hash), nullptr);
}

TEST(known_calls, forgets_everything_when_it_is_full_and_learns_again)
{
    known_calls calls;
    const auto learn = [&calls](std::size_t number) {
        const std::string target = "/route-" + std::to_string(number);
        call_view call = get_order();
        call.target = target;
        for (int i = 0; i < 2; ++i)
            calls.note(call, mix64(number), operation_of(call));
    };
    for (std::size_t i = 0; i < known_calls::calls_max; ++i)
        learn(i);
    EXPECT_EQ(calls.size(), known_calls::calls_max);
    learn(known_calls::calls_max);
    EXPECT_EQ(calls.size(), 1U);
    learn(0);
    EXPECT_EQ(calls.size(), 2U);
}

TEST(known_calls, texts_have_a_limit_of_their_own)
{
    known_calls calls;
    std::string target(known_calls::call_bytes_max / 2, 'a');
    call_view call = get_order();
    std::size_t largest = 0;
    for (std::size_t number = 1; number < known_calls::calls_max; ++number) {
        target.replace(0, 8, std::to_string(10'000'000 + number));
        call.target = target;
        for (int i = 0; i < 2; ++i)
            calls.note(call, mix64(number), operation_of(call));
        largest = std::max(largest, calls.size());
    }
    EXPECT_LT(largest, known_calls::texts_bytes_max / (known_calls::call_bytes_max / 2));
    EXPECT_GT(calls.size(), 0U);
}

TEST(known_calls, a_long_statement_is_not_kept)
{
    known_calls calls;
    const std::string statement(known_calls::call_bytes_max, 'a');
    call_view call = get_order();
    call.target = statement;
    for (int i = 0; i < 3; ++i)
        calls.note(call, hash, operation_of(call));
    EXPECT_EQ(calls.size(), 0U);
}

}  // namespace
}  // namespace reprise::telemetry
