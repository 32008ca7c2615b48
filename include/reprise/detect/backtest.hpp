#pragma once

#include "reprise/detect/detectors.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The detectors run again over windows that are over: what other settings would have told. Pure.
namespace reprise::detect {

// One service's detectors with its baselines, window by window, as the pipeline drives them: what it finds in the
// windows of a service from their first one on is what was found then. Not for several threads.
class detector_run {
public:
    explicit detector_run(const detection_limits& limits) : limits_(limits) {}

    // In the order of time; operations in the order of their ids.
    detection add(const service_window& window);

    const detection_limits& limits() const noexcept { return limits_; }

private:
    detection_limits limits_;
    std::map<std::uint64_t, baseline> baselines_;
};

// Signals of one operation and kind in windows that follow each other (at most neighbour_windows lengths apart).
struct backtest_alarm {
    model::signal_kind kind = model::signal_kind::error_rate;
    model::severity severity = model::severity::low;  // The worst of its windows ...
    std::string sentence;                             // ... and what was said of it.
    model::operation_key operation;
    std::uint64_t operation_id = 0;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::uint32_t windows = 0;                        // With a signal.
};

struct backtest_side {
    std::uint64_t signals = 0;
    std::uint64_t alarms = 0;  // That would have opened an incident, by occurrences_min.
};

struct backtest_report {
    std::uint64_t windows = 0;
    std::uint64_t operations = 0;
    backtest_side present;
    backtest_side proposed;
    std::vector<backtest_alarm> added;    // By time; alarms of the one side that overlap none of the other.
    std::vector<backtest_alarm> removed;
    std::uint64_t kept = 0;
    bool cut = false;                     // There were more than backtest_alarms_max: the surplus is not compared.
};

constexpr std::size_t backtest_alarms_max = 10'000;  // Of each side.

// Joins the signals of windows to alarms. Plain state.
class alarm_list {
public:
    explicit alarm_list(std::uint32_t occurrences_min) : occurrences_min_(occurrences_min) {}

    // In the order of time.
    void add(const model::signal& signal);

    // Ends what is open; by time, operation and kind.
    std::vector<backtest_alarm> take();
    std::uint64_t counted() const noexcept { return counted_; }
    bool cut() const noexcept { return counted_ > backtest_alarms_max; }

private:
    struct open_alarm {
        backtest_alarm alarm;
        std::vector<std::int64_t> seen;  // Ends of windows with the signal in the last day, the newest last.
        bool counts = false;
        bool is_open = false;
    };

    void end(open_alarm& one);

    std::uint32_t occurrences_min_;
    std::map<std::pair<std::uint64_t, model::signal_kind>, open_alarm> open_;
    std::vector<backtest_alarm> ended_;
    std::uint64_t counted_ = 0;
};

// Windows of one service, in the order of time, judged by two settings. Those that start before `from_ns` only teach
// what is normal. Memory: two baselines per operation and the alarms. Not for several threads.
class backtest {
public:
    backtest(const detection_limits& present, const detection_limits& proposed, std::int64_t from_ns);

    void add(const service_window& window);
    backtest_report finish();

private:
    struct side {
        explicit side(const detection_limits& limits) : run(limits), alarms(limits.occurrences_min) {}

        detector_run run;
        alarm_list alarms;
        std::uint64_t signals = 0;
    };

    std::int64_t from_ns_;
    side present_;
    side proposed_;
    std::uint64_t windows_ = 0;
    std::set<std::uint64_t> operations_;
};

// The same at once.
backtest_report run_backtest(
    std::span<const service_window> windows, const detection_limits& present, const detection_limits& proposed
);

}  // namespace reprise::detect
