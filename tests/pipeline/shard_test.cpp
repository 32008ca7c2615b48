#include "reprise/pipeline/shard.hpp"

#include "support/traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace reprise::pipeline {
namespace {

using support::call;
using support::start_ns;

constexpr std::int64_t second = 1'000'000'000;

stream_limits demo_limits()
{
    stream_limits limits;
    limits.window_ns = second;
    limits.lateness_ns = second;
    limits.idle_close_ns = 2 * second;
    return limits;
}

bool everything(std::string_view)
{
    return true;
}

void add(shard& to, const std::vector<call>& calls, std::int64_t now_ns, const replay_filter& filter = {})
{
    to.add(*support::to_batch(calls), filter, now_ns, everything);
}

// A minute of good traffic, then ten seconds in which every order fails.
std::vector<call> outage(std::uint64_t& trace)
{
    auto calls = support::make_calls(start_ns, 60, 20, trace, [](call&, int) {});
    const auto bad = support::make_calls(start_ns + 60 * second, 10, 20, trace, [](call& one, int i) {
        one.status = i % 4 == 0 ? 200 : 500;
    });
    calls.insert(calls.end(), bad.begin(), bad.end());
    return calls;
}

std::vector<closed_window> run_in_batches(const std::vector<call>& calls, std::size_t size)
{
    shard stream(demo_limits());
    std::vector<closed_window> closed;
    for (std::size_t at = 0; at < calls.size(); at += size) {
        const auto end = calls.begin() + static_cast<std::ptrdiff_t>(std::min(calls.size(), at + size));
        const std::vector<call> part(calls.begin() + static_cast<std::ptrdiff_t>(at), end);
        add(stream, part, part.back().start_ns);
        for (auto& window : stream.close_due(part.back().start_ns))
            closed.push_back(std::move(window));
    }
    for (auto& window : stream.close_all())
        closed.push_back(std::move(window));
    return closed;
}

TEST(shard, a_window_closes_when_the_lateness_has_passed_and_not_before)
{
    shard stream(demo_limits());
    add(stream, {call{.start_ns = start_ns}}, start_ns);
    add(stream, {call{.start_ns = start_ns + 2 * second - 1}}, start_ns + 2 * second);
    EXPECT_TRUE(stream.close_due(start_ns + 2 * second).empty());

    add(stream, {call{.start_ns = start_ns + 2 * second}}, start_ns + 2 * second);
    const auto closed = stream.close_due(start_ns + 2 * second);
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].window.start_ns, start_ns);
    EXPECT_EQ(closed[0].window.end_ns, start_ns + second);
    EXPECT_EQ(closed[0].records, 1U);
}

TEST(shard, a_quiet_service_is_closed_by_the_clock)
{
    shard stream(demo_limits());
    add(stream, {call{.start_ns = start_ns}}, start_ns);
    EXPECT_TRUE(stream.close_due(start_ns + 3 * second - 1).empty());
    EXPECT_EQ(stream.close_due(start_ns + 3 * second).size(), 1U);
}

TEST(shard, a_record_of_a_closed_window_is_counted_as_late_and_nowhere_else)
{
    shard stream(demo_limits());
    const std::int64_t now_ns = start_ns + 5 * second;
    add(stream, {call{.start_ns = start_ns}, call{.start_ns = now_ns}}, now_ns);
    EXPECT_EQ(stream.close_due(now_ns).size(), 1U);
    add(stream, {call{.start_ns = start_ns + second - 1}}, now_ns);
    EXPECT_EQ(stream.losses().late, 1U);
    const auto rest = stream.close_all();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].records, 1U);
    EXPECT_EQ(rest[0].late, 1U);
}

TEST(shard, a_record_from_the_far_future_closes_nothing)
{
    shard stream(demo_limits());
    add(stream, {call{.start_ns = start_ns}}, start_ns);
    add(stream, {call{.start_ns = start_ns + 3600 * second}}, start_ns);
    EXPECT_TRUE(stream.close_due(start_ns).empty());
    EXPECT_EQ(stream.losses().future, 1U);
}

TEST(shard, replayed_traffic_is_in_no_window)
{
    shard stream(demo_limits());
    const replay_filter filter({7});  // The test traffic's trace ids begin with 7.
    add(stream, {call{.trace = 1}, call{.replayed = true}}, start_ns, filter);
    EXPECT_EQ(stream.losses().replayed, 2U);
    EXPECT_TRUE(stream.close_all().empty());
}

TEST(shard, operations_beyond_the_limit_share_the_overflow)
{
    stream_limits limits = demo_limits();
    limits.operations_max = 3;
    shard stream(limits);
    for (int i = 0; i < 10; ++i)
        add(stream, {call{.path = "/route" + std::string(1, static_cast<char>('a' + i))}}, start_ns);
    EXPECT_EQ(stream.operations(), 4U);
    EXPECT_EQ(stream.losses().overflowed, 7U);
    const auto closed = stream.close_all();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].records, 10U);
    const auto& operations = closed[0].window.operations;
    const auto overflow = std::find_if(operations.begin(), operations.end(), [](const auto& one) {
        return one.operation.route == overflow_route;
    });
    ASSERT_NE(overflow, operations.end());
    EXPECT_EQ(overflow->requests, 7U);
}

TEST(shard, services_beyond_the_limit_are_refused_and_counted)
{
    stream_limits limits = demo_limits();
    limits.services_max = 2;
    shard stream(limits);
    for (const char* name : {"a", "b", "c"})
        add(stream, {call{.service = name}}, start_ns);
    EXPECT_EQ(stream.services(), 2U);
    EXPECT_EQ(stream.losses().services, 1U);
}

TEST(shard, only_the_services_that_are_mine_are_taken)
{
    shard stream(demo_limits());
    const auto batch = support::to_batch(std::vector<call>{call{.service = "a"}, call{.service = "b"}});
    stream.add(*batch, {}, start_ns, [](std::string_view service) { return service == "b"; });
    const auto closed = stream.close_all();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].window.service, "b");
}

TEST(shard, an_outage_is_found_with_its_failing_and_good_requests)
{
    std::uint64_t trace = 0;
    const auto closed = run_in_batches(outage(trace), 40);
    const found_signal* found = nullptr;
    for (const closed_window& window : closed) {
        for (const found_signal& one : window.found) {
            if (one.signal.kind == model::signal_kind::error_rate && found == nullptr)
                found = &one;
        }
    }
    ASSERT_NE(found, nullptr);
    EXPECT_GE(found->signal.window_start_ns, start_ns + 60 * second);
    EXPECT_EQ(found->signal.fingerprint.size(), 64U);
    const auto count = [found](model::evidence_role role) {
        return std::count_if(found->records.begin(), found->records.end(), [role](const raw_record& record) {
            return record.role == role;
        });
    };
    for (const closed_window& window : closed)
        EXPECT_EQ(window.session.empty(), window.found.empty()) << "what requests depend on is looked for in it";
    EXPECT_GT(count(model::evidence_role::failing), 0);
    EXPECT_GT(count(model::evidence_role::control), 0);
}

TEST(shard, the_way_records_are_cut_into_batches_changes_nothing)
{
    std::uint64_t trace = 0;
    const auto calls = outage(trace);
    const auto describe = [](const std::vector<closed_window>& windows) {
        std::map<std::int64_t, std::string> text;
        for (const closed_window& window : windows) {
            std::string& line = text[window.window.start_ns];
            for (const auto& operation : window.window.operations)
                line += std::to_string(operation.requests) + "/" + std::to_string(operation.failing()) + " ";
            for (const auto& [id, state] : window.baselines)
                line += state;
            for (const found_signal& one : window.found) {
                line += one.signal.explanation + one.signal.fingerprint;
                for (const raw_record& record : one.records)
                    line += record.bytes;
            }
        }
        return text;
    };
    const auto expected = describe(run_in_batches(calls, 1));
    EXPECT_EQ(expected.size(), 70U);
    EXPECT_EQ(describe(run_in_batches(calls, 7)), expected);
    EXPECT_EQ(describe(run_in_batches(calls, 512)), expected);
}

TEST(shard, a_restored_baseline_goes_on_where_it_was)
{
    std::uint64_t trace = 0;
    const auto good = support::make_calls(start_ns, 60, 20, trace, [](call&, int) {});
    const auto before = run_in_batches(good, 100);
    ASSERT_FALSE(before.empty());
    const auto& last = before.back();

    shard restarted(demo_limits());
    for (std::size_t i = 0; i < last.baselines.size(); ++i)
        restarted.restore_baseline(last.window.operations[i].operation, last.baselines[i].second);
    restarted.restore_baseline(last.window.operations[0].operation, "damaged");
    const auto bad = support::make_calls(start_ns + 60 * second, 4, 20, trace, [](call& one, int i) {
        one.status = i % 5 == 0 ? 500 : 200;
    });
    add(restarted, bad, bad.back().start_ns);
    const auto closed = restarted.close_all();
    // A fifth failing is below the absolute rule: only a baseline that was kept can tell.
    EXPECT_TRUE(std::any_of(closed.begin(), closed.end(), [](const auto& window) { return !window.found.empty(); }));
}

}  // namespace
}  // namespace reprise::pipeline
