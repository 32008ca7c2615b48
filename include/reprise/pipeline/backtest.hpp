#pragma once

#include "reprise/base/error.hpp"
#include "reprise/detect/backtest.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace reprise::store {
class database;
}

// The detectors run again over the windows that are stored.
namespace reprise::pipeline {

constexpr std::uint64_t backtest_windows_max = 20'160;  // Starts of windows: two weeks of minutes.
constexpr std::uint64_t backtest_rows_max = 100'000;    // Of these times the operations of the service: some seconds.
constexpr std::int64_t backtest_default_ns = 7LL * 24 * 3600 * ns_per_s;
constexpr std::int64_t backtest_warm_up_ns = 24LL * 3600 * ns_per_s;  // Four half-lives of what is normal.

struct backtest_request {
    std::string service;
    detect::detection_limits present;
    detect::detection_limits proposed;
    std::optional<std::int64_t> from_ns;  // Nothing: backtest_default_ns before the end.
    std::optional<std::int64_t> to_ns;    // Nothing, or later than that: the end of the newest window.
};

struct backtest_range {
    std::int64_t learn_from_ns = 0;  // Windows from here to from_ns only teach.
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    bool cut = false;                // There was more than the limits allow; the newest is judged.
};

// What is stored of a service, as far as it may be read.
struct backtest_stock {
    std::int64_t oldest_ns = 0;  // Start of the oldest window.
    std::int64_t end_ns = 0;     // Of the newest one; 0: there is none.
    bool has_older = false;      // Than may be read.
};

// What a request asks for, of what there is.
backtest_range plan_backtest(const backtest_request& request, const backtest_stock& stock);

struct backtest_outcome {
    detect::backtest_report report;
    backtest_range range;
    bool bursts_unknown = false;  // Some windows are of a version that did not keep how densely calls came.
};

// Reads the windows piece by piece, so that nobody waits for it and little is in memory. Blocks, for seconds: not on
// the I/O pool. errc::not_found: no such service; errc::corrupt: a row that cannot be read.
result<backtest_outcome> run_backtest(store::database& database, const backtest_request& request);

}  // namespace reprise::pipeline
