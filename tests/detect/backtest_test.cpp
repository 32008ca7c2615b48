#include "builders.hpp"

#include "reprise/detect/backtest.hpp"
#include "reprise/detect/settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reprise::detect {
namespace {

using test::day_start_ns;
using test::dice;
using test::make_call;
using test::make_operation;
using test::minute_ns;

const auto orders = make_operation(model::operation_kind::server, "POST", "/orders");
const auto stock = make_operation(model::operation_kind::db, "SELECT", "SELECT * FROM stock WHERE sku = ?");

// Windows of one service made by hand, one minute each.
class story {
public:
    // `failing` of `requests` orders fail; each order takes `order_ms` and asks the database once, in `query_ms`.
    void add(std::uint32_t requests, std::uint32_t failing, double order_ms, double query_ms)
    {
        operation_window served(orders.kind);
        operation_window asked(stock.kind);
        for (std::uint32_t i = 0; i < requests; ++i) {
            const std::int64_t at_ns = start_ns_ + i * (minute_ns / std::max(requests, 1U));
            const auto outcome = i < failing ? model::outcome::server_error : model::outcome::ok;
            served.add(make_call(at_ns, dice_.lognormal_ns(order_ms, 0.2), outcome, ++trace_));
            asked.add(make_call(at_ns, dice_.lognormal_ns(query_ms, 0.2), model::outcome::ok, trace_));
        }
        service_window made;
        made.service = "shop";
        made.start_ns = start_ns_;
        made.end_ns = start_ns_ + minute_ns;
        if (!served.empty()) {
            for (const auto& [window, key] : {std::pair(&served, &orders), std::pair(&asked, &stock)})
                made.operations.push_back(window->summarise(*key, operation_id(key->view())));
            std::sort(made.operations.begin(), made.operations.end(), [](const auto& a, const auto& b) {
                return a.operation_id < b.operation_id;
            });
            windows_.push_back(std::move(made));
        }
        start_ns_ += minute_ns;
    }
    void add_calm(int count)
    {
        for (int i = 0; i < count; ++i)
            add(200, 0, 20, 2);
    }

    const std::vector<service_window>& windows() const { return windows_; }
    std::int64_t now_ns() const { return start_ns_; }

private:
    dice dice_{11};
    std::vector<service_window> windows_;
    std::int64_t start_ns_ = day_start_ns;
    std::uint64_t trace_ = 0;
};

// What the store keeps of a window, and no more.
service_window as_stored(service_window window)
{
    for (operation_summary& one : window.operations) {
        one.durations = sketch::decode(one.durations.encode()).value();
        one.status_classes = {};
        one.first_start_ns = one.last_start_ns = window.start_ns;
        one.first_failing_ns = one.failing() > 0 ? window.start_ns : 0;
        one.failing_trace_ids.clear();
        one.slow_trace_ids.clear();
    }
    return window;
}

std::vector<service_window> as_stored(const std::vector<service_window>& windows)
{
    std::vector<service_window> stored;
    for (const service_window& one : windows)
        stored.push_back(as_stored(one));
    return stored;
}

// The live detector over the windows, as the pipeline drives it.
std::vector<model::signal> find_live(const std::vector<service_window>& windows, const detection_limits& limits)
{
    std::map<std::uint64_t, baseline> states;
    std::vector<model::signal> signals;
    for (const service_window& window : windows) {
        std::vector<const baseline*> known;
        for (const operation_summary& one : window.operations)
            known.push_back(&states[one.operation_id]);
        auto found = detect(window, known, limits);
        for (std::size_t i = 0; i < window.operations.size(); ++i)
            update(
                states[window.operations[i].operation_id], window.operations[i], window.start_ns, window.end_ns,
                found.findings[i], limits
            );
        for (model::signal& signal : found.signals)
            signals.push_back(std::move(signal));
    }
    return signals;
}

model::detection_settings strict()
{
    model::detection_settings settings;
    settings.error_rise_min = 0.4;
    return settings;
}

// An outage of three windows and later a slow database.
story eventful()
{
    story made;
    made.add_calm(60);
    for (int i = 0; i < 3; ++i)
        made.add(200, 50, 20, 2);
    made.add_calm(20);
    for (int i = 0; i < 4; ++i)
        made.add(200, 0, 20, 40);
    made.add_calm(10);
    return made;
}

TEST(backtest, stored_windows_give_the_signals_of_the_live_run)
{
    const story made = eventful();
    const auto live = find_live(made.windows(), {});
    ASSERT_GE(live.size(), 6U);

    detector_run again({});
    std::vector<model::signal> found;
    for (const service_window& window : as_stored(made.windows())) {
        for (model::signal& signal : again.add(window).signals)
            found.push_back(std::move(signal));
    }
    ASSERT_EQ(found.size(), live.size());
    for (std::size_t i = 0; i < live.size(); ++i) {
        EXPECT_EQ(found[i].kind, live[i].kind);
        EXPECT_EQ(found[i].operation_id, live[i].operation_id);
        EXPECT_EQ(found[i].window_start_ns, live[i].window_start_ns);
        EXPECT_EQ(found[i].severity, live[i].severity);
        EXPECT_EQ(found[i].observed, live[i].observed);
        EXPECT_EQ(found[i].p_value, live[i].p_value);
    }
}

TEST(backtest, a_regression_is_found_in_the_window_in_which_it_began)
{
    story made;
    made.add_calm(60);
    const std::int64_t began_ns = made.now_ns();
    made.add(200, 60, 20, 2);
    made.add(200, 60, 20, 2);
    made.add_calm(5);
    model::detection_settings deaf;
    deaf.kinds_off = {model::signal_kind::error_rate};

    const auto report = run_backtest(as_stored(made.windows()), with_settings({}, deaf), {});

    EXPECT_EQ(report.windows, 67U);
    EXPECT_EQ(report.operations, 2U);
    EXPECT_EQ(report.present.signals, 0U);
    EXPECT_EQ(report.proposed.signals, 2U);
    EXPECT_EQ(report.proposed.alarms, 1U);
    ASSERT_EQ(report.added.size(), 1U);
    const backtest_alarm& alarm = report.added.front();
    EXPECT_EQ(alarm.kind, model::signal_kind::error_rate);
    EXPECT_EQ(alarm.from_ns, began_ns);
    EXPECT_EQ(alarm.to_ns, began_ns + 2 * minute_ns);
    EXPECT_EQ(alarm.windows, 2U);
    EXPECT_EQ(alarm.operation.route, "/orders");
    EXPECT_NE(alarm.sentence.find("failed 60 of 200"), std::string::npos) << alarm.sentence;
}

TEST(backtest, what_stricter_settings_would_no_longer_tell_is_removed_and_the_rest_is_kept)
{
    const auto report = run_backtest(as_stored(eventful().windows()), {}, with_settings({}, strict()));

    ASSERT_EQ(report.removed.size(), 1U);
    EXPECT_EQ(report.removed.front().kind, model::signal_kind::error_rate);
    EXPECT_TRUE(report.added.empty());
    EXPECT_EQ(report.kept, report.proposed.alarms);
    EXPECT_EQ(report.present.alarms, report.proposed.alarms + 1);
    EXPECT_GE(report.kept, 1U);
    EXPECT_FALSE(report.cut);
}

TEST(backtest, the_same_settings_keep_every_alarm)
{
    const auto report = run_backtest(as_stored(eventful().windows()), {}, {});
    EXPECT_TRUE(report.added.empty());
    EXPECT_TRUE(report.removed.empty());
    EXPECT_EQ(report.kept, report.present.alarms);
    EXPECT_EQ(report.present.signals, report.proposed.signals);
}

TEST(backtest, windows_before_the_range_teach_and_tell_nothing)
{
    const story made = eventful();
    const std::int64_t from_ns = day_start_ns + 70 * minute_ns;
    backtest run({}, with_settings({}, strict()), from_ns);
    for (const service_window& window : as_stored(made.windows()))
        run.add(window);
    const auto report = run.finish();
    EXPECT_EQ(report.windows, made.windows().size() - 70);
    EXPECT_TRUE(report.removed.empty()) << "the outage came before";
    EXPECT_GE(report.kept, 1U) << "the slow database is found by what was learned before";
}

TEST(backtest, nothing_stored_tells_nothing)
{
    const auto report = run_backtest({}, {}, {});
    EXPECT_EQ(report.windows, 0U);
    EXPECT_EQ(report.operations, 0U);
    EXPECT_EQ(report.present.alarms + report.proposed.alarms, 0U);
}

model::signal seen_in(std::int64_t window, model::severity severity = model::severity::low)
{
    model::signal signal;
    signal.operation_id = 7;
    signal.severity = severity;
    signal.window_start_ns = day_start_ns + window * minute_ns;
    signal.window_end_ns = signal.window_start_ns + minute_ns;
    signal.explanation = "window " + std::to_string(window);
    return signal;
}

TEST(backtest, windows_that_follow_each_other_are_one_alarm)
{
    alarm_list list(1);
    for (const std::int64_t window : {0, 1, 4, 10})
        list.add(seen_in(window, window == 1 ? model::severity::high : model::severity::medium));
    const auto alarms = list.take();
    ASSERT_EQ(alarms.size(), 2U);
    EXPECT_EQ(alarms[0].windows, 3U);
    EXPECT_EQ(alarms[0].to_ns, day_start_ns + 5 * minute_ns);
    EXPECT_EQ(alarms[0].severity, model::severity::high);
    EXPECT_EQ(alarms[0].sentence, "window 1") << "the worst window speaks";
    EXPECT_EQ(alarms[1].windows, 1U);
}

TEST(backtest, an_alarm_counts_once_it_was_seen_in_enough_windows_of_a_day)
{
    alarm_list list(3);
    for (const std::int64_t window : {0, 10, 20, 40, 41})
        list.add(seen_in(window));
    EXPECT_EQ(list.take().size(), 2U) << "the third sighting opens, and so does what comes after";

    alarm_list rare(3);
    for (const std::int64_t window : {0, 1000, 2000})
        rare.add(seen_in(window));
    EXPECT_TRUE(rare.take().empty()) << "a day is 1,440 windows";
    EXPECT_EQ(rare.counted(), 0U);
}

TEST(backtest, alarms_beyond_the_limit_are_counted_only)
{
    alarm_list list(1);
    for (std::size_t i = 0; i <= backtest_alarms_max; ++i)
        list.add(seen_in(static_cast<std::int64_t>(10 * i)));
    EXPECT_EQ(list.take().size(), backtest_alarms_max);
    EXPECT_EQ(list.counted(), backtest_alarms_max + 1);
    EXPECT_TRUE(list.cut());
}

}  // namespace
}  // namespace reprise::detect
