#include "reprise/detect/baseline.hpp"

#include "builders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace reprise::detect {
namespace {

using test::make_call;
using test::minute_ns;

operation_summary make_window(std::uint32_t requests, std::uint32_t failing, std::int64_t duration_ns)
{
    operation_window window(model::operation_kind::server);
    for (std::uint32_t index = 0; index < requests; ++index) {
        const auto outcome = index < failing ? model::outcome::server_error : model::outcome::ok;
        window.add(make_call(index, duration_ns, outcome, index + 1));
    }
    return window.summarise(test::make_operation(model::operation_kind::server, "GET", "/"), 1);
}

class baseline_story : public testing::Test {
protected:
    void feed(const operation_summary& window, bool alarmed = false)
    {
        operation_finding finding;
        finding.alarmed = alarmed;
        finding.suspicious = alarmed ? 1 : 0;
        update(state, window, at_ns, at_ns + minute_ns, finding, limits);
        at_ns += minute_ns;
    }

    detection_limits limits;
    baseline state;
    std::int64_t at_ns = test::day_start_ns;
};

TEST_F(baseline_story, learns_from_clean_windows_with_the_delay_of_the_pool)
{
    for (int window = 0; window < 34; ++window)
        feed(make_window(10, 0, 20 * ns_per_ms));
    EXPECT_EQ(state.windows, 29U);
    EXPECT_FALSE(state.ready(limits));

    feed(make_window(10, 0, 20 * ns_per_ms));

    EXPECT_EQ(state.windows, 30U);
    EXPECT_TRUE(state.ready(limits));
    EXPECT_NEAR(state.normal.durations.quantile(0.5), 20e6, 0.01 * 20e6);
}

TEST_F(baseline_story, few_requests_keep_it_learning)
{
    for (int window = 0; window < 100; ++window)
        feed(make_window(1, 0, 20 * ns_per_ms));

    EXPECT_EQ(state.windows, 95U);
    EXPECT_FALSE(state.ready(limits));
}

TEST_F(baseline_story, alarmed_windows_do_not_become_normal)
{
    for (int window = 0; window < 40; ++window)
        feed(make_window(20, 0, 20 * ns_per_ms));
    for (int window = 0; window < 20; ++window)
        feed(make_window(20, 20, 900 * ns_per_ms), true);
    for (int window = 0; window < 10; ++window)
        feed(make_window(20, 0, 20 * ns_per_ms));

    EXPECT_EQ(state.normal.failing, 0);
    EXPECT_EQ(state.windows, 45U);
    EXPECT_EQ(state.alarmed_windows, 0U);
}

TEST_F(baseline_story, a_state_that_stays_becomes_the_new_normal)
{
    for (int window = 0; window < 40; ++window)
        feed(make_window(20, 0, 20 * ns_per_ms));
    for (std::uint32_t window = 0; window < limits.adopt_windows; ++window)
        feed(make_window(20, 4, 80 * ns_per_ms), true);

    EXPECT_EQ(state.alarmed_windows, 0U);
    EXPECT_TRUE(state.ready(limits));
    EXPECT_NEAR(state.normal.failing / state.normal.requests, 0.2, 1e-6);
    EXPECT_NEAR(state.normal.durations.quantile(0.5), 80e6, 0.01 * 80e6);
}

TEST_F(baseline_story, weighs_half_after_the_half_life)
{
    limits.half_life_ns = 10 * minute_ns;
    limits.pool_windows = 1;
    feed(make_window(1000, 100, ns_per_ms));
    for (int window = 0; window < 10; ++window)
        feed(make_window(0, 0, 0));

    EXPECT_NEAR(state.normal.requests, 500, 1);
    EXPECT_NEAR(state.normal.failing, 50, 0.1);
    EXPECT_EQ(state.requests_seen, 1000U);
}

TEST_F(baseline_story, remembers_at_most_sixty_windows)
{
    for (int window = 0; window < 200; ++window)
        feed(make_window(2, 0, ns_per_ms));

    EXPECT_EQ(state.past.size(), baseline::past_max);
    EXPECT_EQ(state.recent.size(), 5U);
    EXPECT_EQ(state.list_p95_ns().size(), 65U);
    EXPECT_LE(state.memory_bytes(), 2048U);
}

TEST_F(baseline_story, notices_errors_that_come_in_bunches)
{
    for (int window = 0; window < 200; ++window)
        feed(make_window(100, window % 10 == 0 ? 30 : 0, ns_per_ms));
    EXPECT_GT(state.overdispersion(), 3);

    state = {};
    for (int window = 0; window < 200; ++window)
        feed(make_window(100, 3, ns_per_ms));
    EXPECT_EQ(state.overdispersion(), 1);
}

TEST_F(baseline_story, keeps_three_windows_of_suspicion_per_kind)
{
    feed(make_window(5, 0, ns_per_ms), true);
    feed(make_window(5, 0, ns_per_ms));
    feed(make_window(5, 0, ns_per_ms), true);
    EXPECT_EQ(state.history[0], 0b101);

    feed(make_window(5, 0, ns_per_ms));
    EXPECT_EQ(state.history[0], 0b010);
}

TEST_F(baseline_story, comes_back_from_bytes_as_it_was)
{
    for (int window = 0; window < 80; ++window)
        feed(make_window(30, window % 7 == 0 ? 1 : 0, (10 + window) * ns_per_ms), window > 70);

    const auto again = baseline::decode(state.encode());

    ASSERT_TRUE(again);
    EXPECT_EQ(again->encode(), state.encode());
    EXPECT_EQ(again->windows, state.windows);
    EXPECT_EQ(again->recent.size(), state.recent.size());
    EXPECT_EQ(again->history, state.history);
}

TEST_F(baseline_story, what_an_earlier_version_wrote_is_read)
{
    for (int window = 0; window < 6; ++window)
        feed(make_window(30, 0, (10 + window) * ns_per_ms));
    ASSERT_EQ(state.past.size(), 1U);
    const std::string now = state.encode();
    const float p95_ns = state.past.front().p95_ns;
    state.past.clear();
    const std::string without = state.encode();
    const auto at = std::mismatch(now.begin(), now.end(), without.begin()).first - now.begin();
    // Version 1 kept start, requests and p50 of a past window as well.
    const std::string window = std::string("\1", 1) + std::string(8, '\7') + "\5" + std::string(1, '\0') +
                               std::string(4, '\0') + std::string(reinterpret_cast<const char*>(&p95_ns), 4);
    const std::string then = "\1" + now.substr(1, static_cast<std::size_t>(at) - 1) + window +
                             without.substr(static_cast<std::size_t>(at) + 1);

    const auto read = baseline::decode(then);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->encode(), now);
}

TEST_F(baseline_story, two_that_saw_the_same_are_equal_to_the_bit_even_over_a_restart)
{
    baseline restarted;
    for (int window = 0; window < 50; ++window) {
        const auto summary = make_window(30, window % 5 == 0 ? 2 : 0, (10 + window % 9) * ns_per_ms);
        update(restarted, summary, at_ns, at_ns + minute_ns, {}, limits);
        restarted = *baseline::decode(restarted.encode());
        feed(summary);
    }

    EXPECT_EQ(restarted.encode(), state.encode());
}

TEST_F(baseline_story, refuses_bytes_that_are_cut_or_changed_or_too_long)
{
    for (int window = 0; window < 20; ++window)
        feed(make_window(30, 1, (10 + window) * ns_per_ms));
    const std::string good = state.encode();

    for (std::size_t cut = 0; cut < good.size(); ++cut)
        EXPECT_EQ(baseline::decode(std::string_view(good).substr(0, cut)).has_error(), true) << cut;
    EXPECT_TRUE(baseline::decode(good + "x").has_error());
    EXPECT_TRUE(baseline::decode("\x63").has_error());
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0xff);
        if (const auto read = baseline::decode(bad)) {
            EXPECT_LE(read->memory_bytes(), 100'000U);
        }
    }
}

}  // namespace
}  // namespace reprise::detect
