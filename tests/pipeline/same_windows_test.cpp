#include "made_records.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/model/json.hpp"
#include "reprise/pipeline/shard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

// The same records give the same closed windows, byte for byte, however they come.
namespace reprise::pipeline {
namespace {

using test::made_record;

// By service and start.
using windows_as_text = std::map<std::pair<std::string, std::int64_t>, std::string>;

stream_limits short_windows()
{
    stream_limits limits;
    limits.window_ns = 2 * ns_per_s;
    limits.lateness_ns = 3 * ns_per_s;
    limits.detection.windows_min = 3;
    return limits;
}

template <class... Values>
void put(std::string& out, const Values&... values)
{
    ((out += std::to_string(values) + ' '), ...);
}

void put_text(std::string& out, const std::string& text)
{
    put(out, text.size());
    out += text;
}

void put_operation(std::string& out, const detect::operation_summary& operation)
{
    put_text(out, operation.operation.service + operation.operation.method + operation.operation.route);
    put(out, operation.operation_id, operation.requests, operation.first_start_ns, operation.last_start_ns,
        operation.first_failing_ns, operation.failing_traces);
    for (const std::uint64_t count : operation.outcomes)
        put(out, count);
    for (const std::uint64_t count : operation.status_classes)
        put(out, count);
    put_text(out, operation.durations.encode());
    for (const std::string& trace : operation.failing_trace_ids)
        put_text(out, trace);
    for (const std::string& trace : operation.slow_trace_ids)
        put_text(out, trace);
    if (!operation.burst)
        return;
    const detect::burst_summary& burst = *operation.burst;
    put(out, burst.peak_in_flight, burst.max_arrivals_50ms, burst.max_arrivals_50ms_of_one_trace, burst.calls,
        burst.calls_kept);
    if (burst.throttled)
        put(out, burst.throttled->first_ns, burst.throttled->last_ns, burst.throttled->errors, burst.throttled->calls);
}

std::string to_text(const closed_window& closed)
{
    std::string out;
    put(out, closed.records, closed.window.groups_overflowed);
    for (const auto& operation : closed.window.operations)
        put_operation(out, operation);
    for (const detect::repeated_call& call : closed.window.repeated)
        put(out, call.operation, call.parent_operation, call.trace.low, call.calls, call.failed, call.duration_sum_ns,
            call.first_start_ns, call.last_start_ns, call.parent_duration_ns, call.arguments);
    for (const auto& [id, state] : closed.baselines) {
        put(out, id);
        put_text(out, state);
    }
    for (const std::uint8_t ready : closed.ready)
        put(out, ready);
    for (const seen_version& seen : closed.versions) {
        put_text(out, seen.version);
        put(out, seen.first_start_ns);
    }
    for (const found_signal& one : closed.found) {
        put_text(out, canonical_json(model::to_json(one.signal)));
        for (const raw_record& record : one.records) {
            put(out, static_cast<int>(record.role), record.trace.low);
            put_text(out, record.bytes);
        }
    }
    return out;
}

struct arrival_plan {
    std::size_t shards = 1;
    std::uint64_t seed = 0;         // Of delays and of the cuts into batches.
    std::int64_t delay_max_ns = 0;  // Below the lateness.
    const detection_book* detection = nullptr;
};

windows_as_text run(std::vector<made_record> records, const arrival_plan& plan, const stream_limits& limits)
{
    test::dice dice(plan.seed);
    for (made_record& one : records) {
        const std::uint64_t delays = static_cast<std::uint64_t>(plan.delay_max_ns) + 1;
        one.arrival_ns = one.call.start_ns + static_cast<std::int64_t>(dice.below(delays));
    }
    std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
        return a.arrival_ns < b.arrival_ns;
    });
    std::vector<shard> shards;
    for (std::size_t i = 0; i < plan.shards; ++i)
        shards.emplace_back(limits, plan.detection);
    windows_as_text windows;
    const auto keep = [&windows](const std::vector<closed_window>& closed) {
        for (const closed_window& one : closed)
            windows.emplace(std::pair(one.window.service, one.window.start_ns), to_text(one));
    };
    for (std::size_t at = 0; at < records.size();) {
        const std::size_t size = std::min<std::size_t>(dice.below(97) + 1, records.size() - at);
        const auto batch = test::to_batch(std::span(records).subspan(at, size));
        at += size;
        const moment now(records[at - 1].arrival_ns);
        for (std::size_t i = 0; i < shards.size(); ++i) {
            const auto is_mine = [&](std::string_view service) { return hash64(service) % shards.size() == i; };
            shards[i].add(*batch, {}, now, is_mine);
            keep(shards[i].close_due(now));
        }
    }
    for (shard& one : shards) {
        keep(one.close_all());
        EXPECT_EQ(one.losses().late, 0U);
    }
    return windows;
}

void expect_same(const windows_as_text& found, const windows_as_text& expected, const arrival_plan& plan)
{
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [key, text] : expected) {
        const auto same = found.find(key);
        ASSERT_NE(same, found.end());
        const auto at = std::mismatch(text.begin(), text.end(), same->second.begin(), same->second.end()).first;
        const auto offset = static_cast<std::size_t>(at - text.begin());
        ASSERT_TRUE(same->second == text)
            << key.first << " at " << key.second << ", " << plan.shards << " shards, seed " << plan.seed << ": "
            << testing::PrintToString(same->second.substr(offset < 60 ? 0 : offset - 60, 120)) << "\ninstead of "
            << testing::PrintToString(text.substr(offset < 60 ? 0 : offset - 60, 120));
    }
}

class same_windows : public testing::TestWithParam<std::size_t> {};

TEST_P(same_windows, whatever_the_order_the_batches_and_the_number_of_shards)
{
    const stream_limits limits = short_windows();
    const auto records = test::make_traffic({}, 1);
    const auto expected = run(records, {}, limits);
    EXPECT_EQ(expected.size(), 50U);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const arrival_plan plan{GetParam(), seed, limits.lateness_ns - 1, nullptr};
        expect_same(run(records, plan, limits), expected, plan);
    }
}

TEST_P(same_windows, also_with_what_is_set_for_some_of_the_services)
{
    const stream_limits limits = short_windows();
    const auto records = test::make_traffic({}, 1);
    detection_book book;
    model::detection_settings settings;
    settings.kinds_off = {model::signal_kind::error_rate};
    settings.slow_query_low_ms = 20;
    settings.n_plus_one_calls_min = 3;
    book.put("service 1", settings, 2);
    const auto expected = run(records, {.detection = &book}, limits);
    EXPECT_NE(expected, run(records, {}, limits)) << "the settings make a difference";
    const arrival_plan plan{GetParam(), 5, limits.lateness_ns - 1, &book};
    expect_same(run(records, plan, limits), expected, plan);
}

INSTANTIATE_TEST_SUITE_P(shards, same_windows, testing::Values(1, 2, 3, 7), [](const auto& param) {
    return std::to_string(param.param) + "_shards";
});

TEST(same_windows_of_a_busy_service, whatever_the_order_beyond_the_caps_of_samples_too)
{
    stream_limits limits = short_windows();
    limits.window_ns = 10 * ns_per_s;
    test::traffic_shape shape;
    shape.services = 1;
    shape.seconds = 10;
    shape.requests_per_second = 1000;  // More traces than call groups, arrivals and inbound exchanges are kept.
    const auto records = test::make_traffic(shape, 2);
    const auto expected = run(records, {}, limits);
    const arrival_plan plan{1, 9, limits.lateness_ns - 1, nullptr};
    expect_same(run(records, plan, limits), expected, plan);
}

TEST(same_windows_of_a_busy_service, hold_what_was_planted)
{
    const stream_limits limits = short_windows();
    shard one(limits);
    const auto records = test::make_traffic({}, 1);
    one.add(*test::to_batch(records), {}, records.back().call.start_ns, [](std::string_view) { return true; });
    std::map<model::signal_kind, int> found;
    std::size_t evidence = 0;
    for (const closed_window& closed : one.close_all()) {
        for (const found_signal& signal : closed.found) {
            ++found[signal.signal.kind];
            evidence += signal.records.size();
        }
    }
    EXPECT_GT(found[model::signal_kind::error_rate], 0);
    EXPECT_GT(found[model::signal_kind::n_plus_one], 0);
    EXPECT_GT(found[model::signal_kind::rate_limit_burst], 0);
    EXPECT_GT(evidence, 0U);
}

}  // namespace
}  // namespace reprise::pipeline
