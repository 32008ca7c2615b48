#include "alarm_fixture.hpp"

#include "reprise/detect/settings.hpp"
#include "reprise/pipeline/backtest.hpp"
#include "reprise/pipeline/shard.hpp"
#include "support/traffic.hpp"

#include <algorithm>

namespace reprise::pipeline {
namespace {

stream_limits second_windows()
{
    stream_limits limits;
    limits.window_ns = second_ns;
    limits.lateness_ns = second_ns;
    return limits;
}

model::detection_settings without(model::signal_kind kind)
{
    model::detection_settings settings;
    settings.kinds_off = {kind};
    return settings;
}

// The detectors of now and of then, over what the committer stores of the shard's windows.
class backtest_test : public alarm_fixture {
protected:
    static constexpr std::int64_t began_ns = support::start_ns + 60 * second_ns;

    // A minute of good orders, each with a call that is answered, then seconds in which orders fail and calls are
    // throttled, then good ones again.
    static std::vector<support::call> outage()
    {
        std::uint64_t trace = 0;
        const auto change = [](support::call& one, int i) { one.duration_ns += (i % 7) * 1'000'000; };
        auto calls = support::make_calls(support::start_ns, 60, 20, trace, change);
        const auto bad = support::make_calls(began_ns, 5, 20, trace, [](support::call& one, int i) {
            one.status = i % 4 == 0 ? 200 : 500;
        });
        const auto good = support::make_calls(began_ns + 5 * second_ns, 10, 20, trace, change);
        calls.insert(calls.end(), bad.begin(), bad.end());
        calls.insert(calls.end(), good.begin(), good.end());
        const std::size_t inbound = calls.size();
        for (std::size_t i = 0; i < inbound; ++i) {
            support::call out = calls[i];
            out.path = "/rates";
            out.direction = model::direction::out;
            out.span += 1'000'000;
            out.status = calls[i].status == 500 ? 429 : 200;
            calls.push_back(out);
        }
        return calls;
    }

    // Stores what the live detector found; returns it.
    std::vector<model::signal> run_live(const stream_limits& limits)
    {
        shard live(limits);
        const auto calls = outage();
        live.add(*support::to_batch(calls), {}, began_ns + hour_ns, [](std::string_view) { return true; });
        std::vector<model::signal> signals;
        for (closed_window& closed : live.close_all()) {
            for (const found_signal& found : closed.found)
                signals.push_back(found.signal);
            const std::vector<std::optional<model::evidence>> none(closed.found.size());
            write([&](store::transaction& tx) {
                return commit_window(tx, closed, none, commit_policy(), now_ns);
            }).value();
        }
        return signals;
    }

    static backtest_request asking(const detect::detection_limits& present, const detect::detection_limits& proposed)
    {
        backtest_request request;
        request.service = "shop";
        request.present = present;
        request.proposed = proposed;
        return request;
    }
};

TEST_F(backtest_test, present_settings_find_what_the_live_run_found)
{
    const auto live = run_live(second_windows());
    const auto again = run_backtest(*database, asking({}, {})).value();

    ASSERT_GT(live.size(), 0U);
    EXPECT_EQ(again.report.present.signals, live.size());
    EXPECT_EQ(again.report.windows, 75U);
    EXPECT_EQ(again.report.operations, 2U);
    EXPECT_FALSE(again.range.cut);
    EXPECT_FALSE(again.bursts_unknown);
    EXPECT_EQ(again.range.from_ns, support::start_ns);
    EXPECT_EQ(again.range.to_ns, began_ns + 15 * second_ns);
}

TEST_F(backtest_test, each_live_signal_is_in_an_alarm_of_its_kind_and_window)
{
    const auto live = run_live(second_windows());
    // Without any kind: all that is told now is what proposed settings would remove.
    model::detection_settings deaf;
    for (const model::signal_kind kind : detect::all_signal_kinds())
        deaf.kinds_off.push_back(kind);
    const auto outcome = run_backtest(*database, asking({}, detect::with_settings({}, deaf))).value();

    EXPECT_EQ(outcome.report.proposed.signals, 0U);
    EXPECT_EQ(outcome.report.kept, 0U);
    std::uint64_t windows = 0;
    for (const detect::backtest_alarm& alarm : outcome.report.removed)
        windows += alarm.windows;
    EXPECT_EQ(windows, live.size());
    for (const model::signal& signal : live) {
        const bool found = std::any_of(
            outcome.report.removed.begin(), outcome.report.removed.end(), [&signal](const auto& alarm) {
                return alarm.kind == signal.kind && alarm.operation_id == signal.operation_id &&
                       alarm.from_ns <= signal.window_start_ns && alarm.to_ns >= signal.window_end_ns;
            }
        );
        EXPECT_TRUE(found) << model::to_text(signal.kind) << " " << signal.window_start_ns;
    }
    ASSERT_FALSE(outcome.report.removed.empty());
    EXPECT_EQ(outcome.report.removed.front().from_ns, began_ns) << "the window in which it began";
}

TEST_F(backtest_test, bursts_are_judged_by_the_arrivals_that_were_kept)
{
    run_live(second_windows());
    const auto outcome = run_backtest(
        *database, asking(detect::with_settings({}, without(model::signal_kind::rate_limit_burst)), {})
    ).value();
    ASSERT_EQ(outcome.report.added.size(), 1U);
    EXPECT_EQ(outcome.report.added[0].kind, model::signal_kind::rate_limit_burst);
    EXPECT_EQ(outcome.report.added[0].operation.route, "/rates");
}

TEST_F(backtest_test, a_part_of_the_time_is_judged_by_what_was_learned_before_it)
{
    run_live(second_windows());
    auto request = asking({}, {});
    request.from_ns = began_ns;
    request.to_ns = began_ns + 3 * second_ns;
    const auto outcome = run_backtest(*database, request).value();
    EXPECT_EQ(outcome.report.windows, 3U);
    EXPECT_GE(outcome.report.present.alarms, 1U);

    request.to_ns = began_ns;
    request.from_ns = support::start_ns;
    EXPECT_EQ(run_backtest(*database, request).value().report.present.signals, 0U);
}

TEST_F(backtest_test, a_service_that_is_not_there_or_has_no_windows_is_told_apart)
{
    EXPECT_EQ(run_backtest(*database, asking({}, {})).error(), errc::not_found);
    run_live(second_windows());
    auto request = asking({}, {});
    request.to_ns = support::start_ns - hour_ns;
    const auto nothing = run_backtest(*database, request).value();
    EXPECT_EQ(nothing.report.windows, 0U);
    EXPECT_FALSE(nothing.range.cut);
}

TEST(backtest_plan, what_is_stored_of_the_last_week_is_judged_unless_said_otherwise)
{
    const backtest_stock stock{t0, t0 + 30 * 24 * hour_ns, false};
    const auto range = plan_backtest({}, stock);
    EXPECT_EQ(range.to_ns, stock.end_ns);
    EXPECT_EQ(range.from_ns, stock.end_ns - 7 * 24 * hour_ns);
    EXPECT_EQ(range.learn_from_ns, range.from_ns - 24 * hour_ns);
    EXPECT_FALSE(range.cut);
}

TEST(backtest_plan, a_short_past_is_judged_from_its_beginning)
{
    const auto range = plan_backtest({}, {t0, t0 + hour_ns, false});
    EXPECT_EQ(range.from_ns, t0);
    EXPECT_EQ(range.learn_from_ns, t0);
    EXPECT_FALSE(range.cut);
}

TEST(backtest_plan, beyond_the_limit_the_newest_is_judged_after_some_learning_and_the_cut_is_said)
{
    const auto range = plan_backtest({}, {t0, t0 + 4 * hour_ns, true});
    EXPECT_TRUE(range.cut);
    EXPECT_EQ(range.learn_from_ns, t0);
    EXPECT_EQ(range.from_ns, t0 + hour_ns);
    EXPECT_EQ(range.to_ns, t0 + 4 * hour_ns);
}

TEST(backtest_plan, a_time_to_come_ends_with_what_is_stored)
{
    backtest_request request;
    request.from_ns = t0 + 2 * hour_ns;
    request.to_ns = t0 + 100 * hour_ns;
    const auto range = plan_backtest(request, {t0, t0 + hour_ns, false});
    EXPECT_EQ(range.to_ns, t0 + hour_ns);
    EXPECT_EQ(range.from_ns, range.to_ns);
}

}  // namespace
}  // namespace reprise::pipeline
