#include "reprise/detect/trace_series.hpp"

#include "trace_names.hpp"
#include "trace_signal.hpp"

#include "reprise/detect/stats.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace reprise::detect {
namespace {

using model::signal_kind;

constexpr std::size_t windows_kept = 4;      // Per operation; traces of older ones came too late to be news.
constexpr std::size_t cases_kept_max = 32;   // Per kind and window.
constexpr std::size_t members_kept_max = 64;
constexpr double member_alpha = 1e-3;

constexpr std::size_t rising_windows = 3;
constexpr std::uint32_t rising_traces_min = 10;  // Per window.
constexpr double rising_factor = 1.1;            // From window to window.
constexpr double rising_calls_per_task = 1.5;

constexpr std::size_t payload_points_min = 8;
constexpr std::size_t payload_sizes_min = 3;
constexpr double payload_alpha = 1e-3;
constexpr double payload_r_min = 0.8;
constexpr double payload_share_min = 0.2;
constexpr std::size_t payload_traces_named = 5;

constexpr std::size_t kinds = model::signal_kind_count - static_cast<std::size_t>(signal_kind::fanout_straggler);

std::size_t place_of(signal_kind kind) noexcept
{
    return static_cast<std::size_t>(kind) - static_cast<std::size_t>(signal_kind::fanout_straggler);
}

struct member_count {
    std::uint32_t traces = 0;
    double chance = 0;  // That it is this one, if it may be any.
};

struct kind_window {
    std::uint32_t shown = 0;
    bool is_told = false;
    std::vector<trace_case> cases;
};

struct series_window {
    std::int64_t start_ns = 0;
    std::uint32_t traces = 0;
    std::uint32_t retried_traces = 0;
    std::uint64_t calls = 0;
    std::uint64_t tasks = 0;
    std::vector<std::string> retried_ids;
    std::array<kind_window, kinds> by_kind;
    std::map<std::string, member_count> members;  // That were stragglers.

    double calls_per_task() const noexcept
    {
        return tasks > 0 ? static_cast<double>(calls) / static_cast<double>(tasks) : 1;
    }
};

struct payload_point {
    double kb = 0;
    double generation_ns = 0;
    std::string trace_id;
};

struct operation_series {
    std::uint64_t seen = 0;             // When it came last, in traces.
    std::deque<series_window> windows;  // By start.
    std::deque<payload_point> points;   // By arrival.
};

// Floors towards the past, also before the epoch.
std::int64_t window_start(std::int64_t time_ns, std::int64_t window_ns) noexcept
{
    const std::int64_t rest_ns = time_ns % window_ns;
    return time_ns - (rest_ns < 0 ? rest_ns + window_ns : rest_ns);
}

// What tells a member of a fan-out from its siblings from trace to trace.
std::string identity_of(const model::trace_span& span)
{
    if (!span.agent.empty())
        return std::string(span.agent);
    if (span.index >= 0)
        return std::string(span.name) + ":" + std::to_string(span.index);
    if (span.arguments != 0)
        return std::string(span.name) + " #" + std::to_string(span.arguments);
    return std::string(span.name);
}

// The chance that a straggler is this member when each is as likely as any: the share of members called like it.
double chance_of(const model::trace& trace, const model::trace_report& report, std::uint32_t span)
{
    const std::string identity = identity_of(trace.spans[span]);
    for (const model::fanout& group : report.fanouts) {
        if (!group.slow || group.slow->span != span)
            continue;
        std::size_t alike = 0;
        for (const model::branch& one : group.branches)
            alike += identity_of(trace.spans[one.span]) == identity ? 1U : 0U;
        const auto members = static_cast<double>(std::max<std::size_t>(group.members, 1));
        const auto listed = static_cast<double>(std::max<std::size_t>(group.branches.size(), 1));
        // The list may be cut: one that is alone in it is alone among all.
        return alike <= 1 ? 1 / members : std::min(1.0, static_cast<double>(alike) / listed);
    }
    return 1;
}

// The member that was slow more often than chance explains, taking into account that any could have been.
std::optional<same_member> find_same_member(const series_window& window, std::uint32_t traces)
{
    std::optional<same_member> found;
    for (const auto& [name, count] : window.members) {
        if (count.chance <= 0)
            continue;
        const double p = binomial_upper_tail(count.traces, traces, count.chance) / count.chance;
        if (p < member_alpha && (!found || p < found->p))
            found = {name, count.traces, p};
    }
    return found;
}

}  // namespace

struct trace_series::state {
    explicit state(const trace_series_limits& given) : limits(given) {}

    operation_series& find_operation(std::uint64_t id);
    series_window* find_window(operation_series& operation, std::int64_t started_ns) const;
    window_scope scope_of(const model::trace_report& report, const series_window& window, std::uint32_t shown) const;

    void add_finding(
        std::vector<model::signal>& signals, series_window& window, const model::trace& trace,
        const model::trace_report& report, const model::trace_finding& finding
    ) const;
    void add_retries(
        std::vector<model::signal>& signals, operation_series& operation, series_window& window,
        const model::trace_report& report, const model::trace_summary& summary
    ) const;
    void add_payload(
        std::vector<model::signal>& signals, operation_series& operation, series_window& window,
        const model::trace_report& report, const model::trace_summary& summary
    ) const;

    trace_series_limits limits;
    std::uint64_t traces = 0;
    std::unordered_map<std::uint64_t, operation_series> operations;
    std::map<std::uint64_t, std::uint64_t> by_seen;  // operation_series::seen to its operation.
};

operation_series& trace_series::state::find_operation(std::uint64_t id)
{
    const auto [at, is_new] = operations.try_emplace(id);
    if (!is_new)
        by_seen.erase(at->second.seen);
    at->second.seen = ++traces;
    by_seen.emplace(traces, id);
    if (operations.size() > limits.operations_max) {
        operations.erase(by_seen.begin()->second);
        by_seen.erase(by_seen.begin());
    }
    return operations.find(id)->second;
}

// Nothing for a window that is older than all that are kept.
series_window* trace_series::state::find_window(operation_series& operation, std::int64_t started_ns) const
{
    const std::int64_t start_ns = window_start(started_ns, limits.window_ns);
    std::deque<series_window>& windows = operation.windows;
    auto at = std::find_if(windows.begin(), windows.end(), [start_ns](const series_window& one) {
        return one.start_ns >= start_ns;
    });
    if (at != windows.end() && at->start_ns == start_ns)
        return &*at;
    if (at == windows.begin() && windows.size() >= windows_kept)
        return nullptr;
    at = windows.emplace(at);
    at->start_ns = start_ns;
    if (windows.size() > windows_kept)
        windows.pop_front();
    return &*std::find_if(windows.begin(), windows.end(), [start_ns](const series_window& one) {
        return one.start_ns == start_ns;
    });
}

window_scope trace_series::state::scope_of(
    const model::trace_report& report, const series_window& window, std::uint32_t shown
) const
{
    return {report.operation, window.start_ns, window.start_ns + limits.window_ns, window.traces, shown};
}

void trace_series::state::add_finding(
    std::vector<model::signal>& signals, series_window& window, const model::trace& trace,
    const model::trace_report& report, const model::trace_finding& finding
) const
{
    kind_window& kind = window.by_kind[place_of(finding.kind)];
    ++kind.shown;
    if (kind.cases.size() < cases_kept_max)
        kind.cases.push_back(describe_case(finding, report));
    std::optional<same_member> member;
    if (finding.kind == signal_kind::fanout_straggler) {
        const std::string name = identity_of(trace.spans[finding.span]);
        if (window.members.size() < members_kept_max || window.members.contains(name)) {
            member_count& count = window.members[name];
            ++count.traces;
            count.chance = std::max(count.chance, chance_of(trace, report, finding.span));
        }
        member = find_same_member(window, kind.shown);
    }
    const bool recurs = kind.shown >= limits.traces_to_recur &&
                        (member || finding.kind != signal_kind::fanout_straggler);
    if (kind.is_told || (!recurs && !is_clear(finding, report)))
        return;
    kind.is_told = true;
    signals.push_back(make_trace_signal(finding.kind, scope_of(report, window, kind.shown), kind.cases, limits));
    if (member)
        add_member(signals.back(), *member);
}

void trace_series::state::add_retries(
    std::vector<model::signal>& signals, operation_series& operation, series_window& window,
    const model::trace_report& report, const model::trace_summary& summary
) const
{
    // A trace in which nothing was tried again counts as a task that needed one call.
    window.calls += std::max(summary.figures.calls, 1U);
    window.tasks += std::max(summary.figures.tasks, 1U);
    if (!report.retried)
        return;
    ++window.retried_traces;
    if (window.retried_ids.size() < payload_traces_named)
        window.retried_ids.push_back(to_hex(report.id));
    kind_window& kind = window.by_kind[place_of(signal_kind::retry_storm)];
    if (kind.is_told || window.calls_per_task() < rising_calls_per_task)
        return;
    std::vector<double> course;
    for (const series_window& one : operation.windows) {
        const std::int64_t back = (window.start_ns - one.start_ns) / limits.window_ns;
        if (back < 0 || back >= static_cast<std::int64_t>(rising_windows) || one.traces < rising_traces_min)
            continue;
        if (!course.empty() && one.calls_per_task() < course.back() * rising_factor)
            return;
        course.push_back(one.calls_per_task());
    }
    if (course.size() < rising_windows)
        return;
    kind.is_told = true;
    signals.push_back(
        make_rising_signal(scope_of(report, window, window.retried_traces), course, window.retried_ids, limits)
    );
}

void trace_series::state::add_payload(
    std::vector<model::signal>& signals, operation_series& operation, series_window& window,
    const model::trace_report& report, const model::trace_summary& summary
) const
{
    if (summary.figures.payload_kb <= 0 || summary.figures.generation_ns < 0)
        return;
    std::deque<payload_point>& points = operation.points;
    points.push_back(
        {summary.figures.payload_kb, static_cast<double>(summary.figures.generation_ns), to_hex(report.id)}
    );
    if (points.size() > limits.payload_points_max)
        points.pop_front();
    kind_window& kind = window.by_kind[place_of(signal_kind::payload_latency)];
    ++kind.shown;
    if (kind.is_told || points.size() < payload_points_min)
        return;
    payload_evidence found;
    std::vector<std::pair<double, double>> plain;
    std::vector<const payload_point*> largest;
    for (const payload_point& point : points) {
        plain.emplace_back(point.kb, point.generation_ns);
        largest.push_back(&point);
    }
    found.line = fit_line(plain);
    found.sizes = count_sizes(plain);
    found.p = rising_p_value(found.line);
    std::stable_sort(largest.begin(), largest.end(), [](const auto* a, const auto* b) { return a->kb > b->kb; });
    found.largest_kb = largest.front()->kb;
    if (found.sizes < payload_sizes_min || found.p >= payload_alpha || found.line.r < payload_r_min ||
        found.slope_share() < payload_share_min)
        return;
    for (std::size_t index = 0; index < std::min(largest.size(), payload_traces_named); ++index)
        found.trace_ids.push_back(largest[index]->trace_id);
    kind.is_told = true;
    signals.push_back(make_payload_signal(scope_of(report, window, kind.shown), found, limits));
}

trace_series::trace_series(const trace_series_limits& limits) : state_(std::make_unique<state>(limits)) {}
trace_series::~trace_series() = default;
trace_series::trace_series(trace_series&&) noexcept = default;
trace_series& trace_series::operator=(trace_series&&) noexcept = default;

std::vector<model::signal> trace_series::add(
    const model::trace& trace, const model::trace_report& report, const model::trace_summary& summary
)
{
    std::vector<model::signal> signals;
    operation_series& operation = state_->find_operation(operation_id(report.operation.view()));
    series_window* window = state_->find_window(operation, report.started_ns);
    if (window == nullptr)
        return signals;
    ++window->traces;
    std::array<bool, kinds> counted{};
    for (const model::trace_finding& finding : report.findings) {
        const std::size_t place = place_of(finding.kind);
        if (finding.confidence < state_->limits.confidence_min || std::exchange(counted[place], true))
            continue;
        state_->add_finding(signals, *window, trace, report, finding);
    }
    state_->add_retries(signals, operation, *window, report, summary);
    state_->add_payload(signals, operation, *window, report, summary);
    std::stable_sort(signals.begin(), signals.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; });
    return signals;
}

std::size_t trace_series::operations() const noexcept
{
    return state_->operations.size();
}

}  // namespace reprise::detect
