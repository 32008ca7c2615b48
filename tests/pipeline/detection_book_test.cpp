#include "reprise/pipeline/detection_book.hpp"

#include "reprise/pipeline/shard.hpp"
#include "support/traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::pipeline {
namespace {

constexpr std::int64_t second = 1'000'000'000;

model::detection_settings without(model::signal_kind kind)
{
    model::detection_settings settings;
    settings.kinds_off = {kind};
    return settings;
}

TEST(detection_book, an_older_version_changes_nothing)
{
    detection_book book;
    book.put("shop", without(model::signal_kind::latency), 3);
    book.put("shop", without(model::signal_kind::error_rate), 2);
    EXPECT_EQ(book.find("shop"), without(model::signal_kind::latency));
    EXPECT_EQ(book.find("cart"), model::detection_settings());
}

stream_limits second_windows()
{
    stream_limits limits;
    limits.window_ns = second;
    limits.lateness_ns = second;
    return limits;
}

// A minute of good traffic.
std::vector<support::call> calm(std::uint64_t& trace)
{
    return support::make_calls(support::start_ns, 60, 20, trace, [](support::call&, int) {});
}

// Seconds from `from` on in which three of four orders fail.
std::vector<support::call> outage(int from, int seconds, std::uint64_t& trace)
{
    return support::make_calls(support::start_ns + from * second, seconds, 20, trace, [](support::call& one, int i) {
        one.status = i % 4 == 0 ? 200 : 500;
    });
}

std::size_t count_signals(const std::vector<closed_window>& windows)
{
    std::size_t count = 0;
    for (const closed_window& window : windows)
        count += window.found.size();
    return count;
}

void add(shard& to, const std::vector<support::call>& calls)
{
    to.add(*support::to_batch(calls), {}, calls.back().start_ns, [](std::string_view) { return true; });
}

TEST(detection_book, what_is_set_holds_from_the_next_closed_window_on_and_is_taken_back_likewise)
{
    detection_book book;
    shard windows(second_windows(), &book);
    std::uint64_t trace = 0;
    add(windows, calm(trace));
    add(windows, outage(60, 4, trace));
    ASSERT_GT(count_signals(windows.close_passed()), 0U);

    book.put("shop", without(model::signal_kind::error_rate), 2);
    add(windows, outage(64, 4, trace));
    const auto quiet = windows.close_passed();
    EXPECT_GE(quiet.size(), 3U);
    EXPECT_EQ(count_signals(quiet), 0U);

    book.put("shop", {}, 3);
    add(windows, outage(68, 4, trace));
    EXPECT_GT(count_signals(windows.close_passed()), 0U);
}

TEST(detection_book, settings_of_one_service_leave_the_others_alone)
{
    detection_book book;
    book.put("other", without(model::signal_kind::error_rate), 2);
    shard with(second_windows(), &book);
    shard without_book(second_windows());
    std::uint64_t trace = 0;
    const auto calls = calm(trace);
    const auto bad = outage(60, 5, trace);
    for (shard* one : {&with, &without_book}) {
        add(*one, calls);
        add(*one, bad);
    }
    const auto a = with.close_all();
    const auto b = without_book.close_all();
    ASSERT_EQ(a.size(), b.size());
    EXPECT_GT(count_signals(a), 0U);
    EXPECT_EQ(count_signals(a), count_signals(b));
}

TEST(detection_book, a_baseline_learned_while_a_kind_was_off_does_not_hold_the_outage_for_normal)
{
    detection_book book;
    book.put("shop", without(model::signal_kind::error_rate), 2);
    shard set(second_windows(), &book);
    shard plain(second_windows());
    std::uint64_t trace = 0;
    const auto calls = calm(trace);
    const auto bad = outage(60, 8, trace);
    for (shard* one : {&set, &plain}) {
        add(*one, calls);
        add(*one, bad);
    }
    const auto quiet = set.close_all();
    const auto told = plain.close_all();
    ASSERT_EQ(quiet.size(), told.size());
    EXPECT_EQ(count_signals(quiet), 0U);
    for (std::size_t i = 0; i < quiet.size(); ++i)
        EXPECT_EQ(quiet[i].baselines, told[i].baselines) << i;
}

}  // namespace
}  // namespace reprise::pipeline
