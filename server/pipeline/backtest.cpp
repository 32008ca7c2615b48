#include "reprise/pipeline/backtest.hpp"

#include "reprise/store/database.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/services.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

namespace reprise::pipeline {
namespace {

constexpr std::size_t rows_together_max = 2000;  // One read: some milliseconds, some megabytes.

// What is known of the service before its windows are read.
struct backtest_ground {
    std::map<std::uint64_t, model::operation_key> operations;
    backtest_stock stock;
    std::size_t starts_together = 1;
};

std::int64_t wanted_from_ns(const backtest_request& request, std::int64_t to_ns)
{
    return std::min(request.from_ns.value_or(to_ns - backtest_default_ns), to_ns);
}

std::int64_t wanted_to_ns(const backtest_request& request, std::int64_t end_ns)
{
    return std::min(request.to_ns.value_or(end_ns), end_ns);
}

// How far back the limits let it read.
result<void> measure_stock(const store::reader& from, const backtest_request& request, backtest_ground& ground)
{
    const std::size_t operations = std::max<std::size_t>(ground.operations.size(), 1);
    ground.starts_together = std::max<std::size_t>(rows_together_max / operations, 1);
    const std::uint64_t starts = std::clamp<std::uint64_t>(backtest_rows_max / operations, 1, backtest_windows_max);
    const std::int64_t to_ns = wanted_to_ns(request, ground.stock.end_ns);
    const auto oldest = store::find_window_start(from, to_ns, starts);
    if (!oldest)
        return oldest.error();
    ground.stock.oldest_ns = oldest->value_or(to_ns);
    const auto older = store::list_window_starts(from, INT64_MIN, ground.stock.oldest_ns, 1);
    if (!older)
        return older.error();
    ground.stock.has_older = !older->empty();
    return {};
}

result<backtest_ground> load_ground(const store::reader& from, const backtest_request& request)
{
    const auto known = store::find_service(from, request.service);
    if (!known)
        return known.error();
    if (!*known)
        return errc::not_found;
    const auto listed = store::list_operations(from, request.service, store::operations_listed_max);
    if (!listed)
        return listed.error();
    backtest_ground ground;
    for (const store::operation_state& one : *listed) {
        if (one.latest)
            ground.stock.end_ns =
                std::max(ground.stock.end_ns, one.latest->window_start_ns + one.latest->window_ns);
    }
    const std::int64_t since_ns =
        wanted_from_ns(request, wanted_to_ns(request, ground.stock.end_ns)) - backtest_warm_up_ns;
    for (const store::operation_state& one : *listed) {
        if (one.latest && one.latest->window_start_ns >= since_ns)
            ground.operations.emplace(one.id, one.key);
    }
    if (auto measured = measure_stock(from, request, ground); !measured)
        return measured.error();
    return ground;
}

// A row as the detectors see a window. What is not stored of one is when in it something happened, and its traces.
result<detect::operation_summary> to_summary(const store::operation_window& row, const model::operation_key& key)
{
    auto durations = detect::sketch::decode(row.sketch);
    if (!durations)
        return durations.error();
    detect::operation_summary summary;
    summary.operation = key;
    summary.operation_id = row.operation;
    summary.outcomes = row.counts;
    const std::uint64_t calls = std::accumulate(row.counts.begin(), row.counts.end(), std::uint64_t{0});
    summary.requests = calls - row.counts[static_cast<std::size_t>(model::outcome::cancelled)];
    summary.durations = std::move(*durations);
    summary.first_start_ns = summary.last_start_ns = row.window_start_ns;
    const std::uint64_t failing = summary.failing();
    summary.first_failing_ns = failing > 0 ? row.window_start_ns : 0;
    const auto several = static_cast<std::uint32_t>(std::min<std::uint64_t>(failing, 2));
    summary.failing_traces = row.failing_traces.value_or(several);
    const bool of_before = !row.failing_traces && key.source != model::source::metric;
    if (key.kind == model::operation_kind::client && (row.max_arrivals || of_before)) {
        detect::burst_summary& burst = summary.burst.emplace();
        burst.max_arrivals_50ms_of_one_trace = row.max_arrivals.value_or(0);
        burst.calls = burst.calls_kept = calls;
    }
    return summary;
}

bool lacks_arrivals(const store::operation_window& row, const model::operation_key& key)
{
    return key.kind == model::operation_kind::client && !row.failing_traces &&
           row.counts[static_cast<std::size_t>(model::outcome::throttled)] > 0;
}

// Rows by start become windows, their operations in the order of the ids, as they close.
class window_feed {
public:
    window_feed(const backtest_request& request, const backtest_ground& ground, std::int64_t from_ns)
        : request_(request), ground_(ground), judge_(request.present, request.proposed, from_ns)
    {
    }

    result<void> take(const store::operation_window& row)
    {
        const auto key = ground_.operations.find(row.operation);
        if (key == ground_.operations.end())
            return {};  // It came while this runs.
        auto summary = to_summary(row, key->second);
        if (!summary)
            return summary.error();
        if (!window_.operations.empty() && window_.start_ns != row.window_start_ns)
            pass_on();
        window_.start_ns = row.window_start_ns;
        window_.end_ns = row.window_start_ns + row.window_ns;
        window_.operations.push_back(std::move(*summary));
        bursts_unknown_ = bursts_unknown_ || lacks_arrivals(row, key->second);
        return {};
    }

    detect::backtest_report finish()
    {
        pass_on();
        return judge_.finish();
    }

    bool bursts_unknown() const noexcept { return bursts_unknown_; }

private:
    void pass_on()
    {
        if (window_.operations.empty())
            return;
        std::sort(window_.operations.begin(), window_.operations.end(), [](const auto& a, const auto& b) {
            return a.operation_id < b.operation_id;
        });
        window_.service = request_.service;
        judge_.add(window_);
        window_ = {};
    }

    const backtest_request& request_;
    const backtest_ground& ground_;
    detect::backtest judge_;
    detect::service_window window_;
    bool bursts_unknown_ = false;
};

// The rows of the next few starts from `at_ns` on, which moves behind them. Empty starts: that was all.
struct piece {
    std::vector<std::int64_t> starts;
    std::vector<store::operation_window> rows;
};

result<piece> load_piece(
    const store::reader& from, const std::string& service, const backtest_ground& ground, std::int64_t at_ns,
    std::int64_t to_ns
)
{
    piece next;
    auto starts = store::list_window_starts(from, at_ns, to_ns, ground.starts_together);
    if (!starts)
        return starts.error();
    next.starts = std::move(*starts);
    if (next.starts.empty())
        return next;
    auto rows = store::list_service_windows(
        from, service, next.starts.front(), next.starts.back() + 1, store::windows_listed_max
    );
    if (!rows)
        return rows.error();
    next.rows = std::move(*rows);
    return next;
}

}  // namespace

backtest_range plan_backtest(const backtest_request& request, const backtest_stock& stock)
{
    backtest_range range;
    range.to_ns = wanted_to_ns(request, stock.end_ns);
    range.from_ns = wanted_from_ns(request, range.to_ns);
    range.learn_from_ns = std::max(range.from_ns - backtest_warm_up_ns, std::min(stock.oldest_ns, range.to_ns));
    if (range.from_ns >= stock.oldest_ns)
        return range;
    range.from_ns = range.learn_from_ns;
    range.cut = stock.has_older;
    // Nothing is known in the first of the windows that may be read.
    if (range.cut)
        range.from_ns += std::min(backtest_warm_up_ns, (range.to_ns - range.learn_from_ns) / 4);
    return range;
}

result<backtest_outcome> run_backtest(store::database& database, const backtest_request& request)
{
    auto look = [&request](const store::reader& from) { return load_ground(from, request); };
    const auto ground = database.read_blocking(std::move(look));
    if (!ground)
        return ground.error();
    backtest_outcome outcome;
    outcome.range = plan_backtest(request, ground->stock);
    window_feed feed(request, *ground, outcome.range.from_ns);
    for (std::int64_t at_ns = outcome.range.learn_from_ns; at_ns < outcome.range.to_ns;) {
        auto load = [&](const store::reader& from) {
            return load_piece(from, request.service, *ground, at_ns, outcome.range.to_ns);
        };
        const auto next = database.read_blocking(std::move(load));
        if (!next)
            return next.error();
        if (next->starts.empty())
            break;
        for (const store::operation_window& row : next->rows) {
            if (auto taken = feed.take(row); !taken)
                return taken.error();
        }
        at_ns = next->starts.back() + 1;
    }
    outcome.report = feed.finish();
    outcome.bursts_unknown = feed.bursts_unknown();
    return outcome;
}

}  // namespace reprise::pipeline
