#include "reprise/detect/backtest.hpp"

#include "reprise/detect/correlate.hpp"
#include "reprise/detect/settings.hpp"

#include <algorithm>
#include <tuple>

namespace reprise::detect {
namespace {

bool is_earlier(const backtest_alarm& a, const backtest_alarm& b)
{
    return std::tuple(a.from_ns, a.operation_id, a.kind) < std::tuple(b.from_ns, b.operation_id, b.kind);
}

using alarm_places = std::map<std::pair<std::uint64_t, model::signal_kind>, std::vector<const backtest_alarm*>>;

alarm_places sort_by_place(std::span<const backtest_alarm> alarms)
{
    alarm_places places;
    for (const backtest_alarm& one : alarms)
        places[{one.operation_id, one.kind}].push_back(&one);
    return places;
}

bool overlaps_any(const backtest_alarm& one, const alarm_places& others)
{
    const auto same = others.find({one.operation_id, one.kind});
    if (same == others.end())
        return false;
    return std::any_of(same->second.begin(), same->second.end(), [&one](const backtest_alarm* other) {
        return one.from_ns < other->to_ns && other->from_ns < one.to_ns;
    });
}

std::vector<backtest_alarm> list_unmatched(std::span<const backtest_alarm> alarms, const alarm_places& others)
{
    std::vector<backtest_alarm> alone;
    for (const backtest_alarm& one : alarms) {
        if (!overlaps_any(one, others))
            alone.push_back(one);
    }
    return alone;
}

}  // namespace

detection detector_run::add(const service_window& window)
{
    std::vector<const baseline*> known;
    known.reserve(window.operations.size());
    for (const operation_summary& one : window.operations)
        known.push_back(&baselines_[one.operation_id]);
    detection found = detect(window, known, limits_);
    for (std::size_t i = 0; i < window.operations.size(); ++i) {
        const operation_summary& now = window.operations[i];
        update(baselines_[now.operation_id], now, window.start_ns, window.end_ns, found.findings[i], limits_);
    }
    return found;
}

void alarm_list::add(const model::signal& signal)
{
    open_alarm& one = open_[{signal.operation_id, signal.kind}];
    const std::int64_t length_ns = signal.window_end_ns - signal.window_start_ns;
    if (one.is_open && signal.window_start_ns - one.alarm.to_ns > neighbour_windows * length_ns)
        end(one);
    backtest_alarm& alarm = one.alarm;
    if (!one.is_open) {
        alarm = {};
        alarm.kind = signal.kind;
        alarm.operation = signal.operation;
        alarm.operation_id = signal.operation_id;
        alarm.from_ns = signal.window_start_ns;
        one.is_open = true;
        one.counts = false;
    }
    if (alarm.windows == 0 || signal.severity > alarm.severity) {
        alarm.severity = signal.severity;
        alarm.sentence = signal.explanation;
    }
    alarm.to_ns = signal.window_end_ns;
    ++alarm.windows;
    std::erase_if(one.seen, [&signal](std::int64_t end_ns) {
        return end_ns < signal.window_end_ns - occurrences_remembered_ns;
    });
    one.seen.push_back(signal.window_end_ns);
    one.counts = one.counts || one.seen.size() >= occurrences_min_;
    // More are of no use.
    if (one.seen.size() > occurrences_min_)
        one.seen.erase(one.seen.begin());
}

void alarm_list::end(open_alarm& one)
{
    one.is_open = false;
    if (!one.counts)
        return;
    if (++counted_ <= backtest_alarms_max)
        ended_.push_back(std::move(one.alarm));
}

std::vector<backtest_alarm> alarm_list::take()
{
    for (auto& [place, one] : open_) {
        if (one.is_open)
            end(one);
    }
    std::sort(ended_.begin(), ended_.end(), is_earlier);
    return std::move(ended_);
}

backtest::backtest(const detection_limits& present, const detection_limits& proposed, std::int64_t from_ns)
    : from_ns_(from_ns), present_(present), proposed_(proposed)
{
}

void backtest::add(const service_window& window)
{
    const bool counts = window.start_ns >= from_ns_;
    for (side* each : {&present_, &proposed_}) {
        const detection found = each->run.add(window);
        if (!counts)
            continue;
        each->signals += found.signals.size();
        for (const model::signal& signal : found.signals)
            each->alarms.add(signal);
    }
    if (!counts)
        return;
    ++windows_;
    for (const operation_summary& one : window.operations)
        operations_.insert(one.operation_id);
}

backtest_report backtest::finish()
{
    const std::vector<backtest_alarm> present = present_.alarms.take();
    const std::vector<backtest_alarm> proposed = proposed_.alarms.take();
    backtest_report report;
    report.windows = windows_;
    report.operations = operations_.size();
    report.present = {present_.signals, present_.alarms.counted()};
    report.proposed = {proposed_.signals, proposed_.alarms.counted()};
    report.added = list_unmatched(proposed, sort_by_place(present));
    report.removed = list_unmatched(present, sort_by_place(proposed));
    report.kept = present.size() - report.removed.size();
    report.cut = present_.alarms.cut() || proposed_.alarms.cut();
    return report;
}

backtest_report run_backtest(
    std::span<const service_window> windows, const detection_limits& present, const detection_limits& proposed
)
{
    backtest run(present, proposed, INT64_MIN);
    for (const service_window& window : windows)
        run.add(window);
    return run.finish();
}

}  // namespace reprise::detect
