#include "reprise/pipeline/commit.hpp"

#include "alarm_incidents.hpp"
#include "incidents_of.hpp"
#include "wanted_signals.hpp"

#include "reprise/store/deployments.hpp"
#include "reprise/store/evidence.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/operations.hpp"
#include "reprise/store/service_windows.hpp"
#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"
#include "reprise/store/suppressions.hpp"

#include "reprise/base/id.hpp"
#include "reprise/lifecycle/incident_machine.hpp"

#include <algorithm>
#include <array>

namespace reprise::pipeline {
namespace {

store::operation_window to_row(const detect::operation_summary& summary, const detect::service_window& window)
{
    store::operation_window row;
    row.operation = summary.operation_id;
    row.window_start_ns = window.start_ns;
    row.window_ns = window.end_ns - window.start_ns;
    row.counts = summary.outcomes;
    row.p50_ns = static_cast<std::int64_t>(summary.durations.quantile(0.50));
    row.p90_ns = static_cast<std::int64_t>(summary.durations.quantile(0.90));
    row.p95_ns = static_cast<std::int64_t>(summary.durations.quantile(0.95));
    row.max_ns = summary.durations.max();
    row.sketch = summary.durations.encode();
    row.failing_traces = summary.failing_traces;
    if (summary.burst)
        row.max_arrivals = summary.burst->max_arrivals_50ms_of_one_trace;
    return row;
}

bool has_signal(const closed_window& closed, std::uint64_t operation)
{
    return std::any_of(closed.found.begin(), closed.found.end(), [operation](const found_signal& one) {
        return one.signal.operation_id == operation;
    });
}

// What the service answered, its operations together; of one that serves nobody, what it asked of others.
result<void> keep_service_window(store::transaction& tx, const detect::service_window& window, std::int64_t now_ns)
{
    const auto serves = [](const detect::operation_summary& one) {
        return one.operation.kind == model::operation_kind::server;
    };
    const bool any_serves = std::any_of(window.operations.begin(), window.operations.end(), serves);
    store::service_window row;
    row.service = window.service;
    row.window_start_ns = window.start_ns;
    row.window_ns = window.end_ns - window.start_ns;
    row.lag_ns = std::max<std::int64_t>(now_ns - window.end_ns, 0);
    detect::sketch durations;
    for (const detect::operation_summary& one : window.operations) {
        if (any_serves && !serves(one))
            continue;
        row.requests += one.requests;
        row.failing += one.failing();
        durations.merge(one.durations);
    }
    row.p95_ns = static_cast<std::int64_t>(durations.quantile(0.95));
    return store::save_service_window(tx, row);
}

result<void> keep_statistics(store::transaction& tx, const closed_window& closed, std::int64_t now_ns)
{
    const std::array seen = {store::service_sight{
        closed.window.service, closed.last_record_ns, closed.records, closed.window.end_ns}};
    if (auto kept = store::touch_services(tx, seen, now_ns); !kept)
        return kept;

    std::vector<model::operation_key> keys;
    std::vector<store::operation_window> rows;
    std::uint64_t failing = 0;
    for (const detect::operation_summary& summary : closed.window.operations) {
        keys.push_back(summary.operation);
        rows.push_back(to_row(summary, closed.window));
        rows.back().anomalous = has_signal(closed, summary.operation_id);
        failing += summary.failing();
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.operation < b.operation; });
    if (auto kept = store::upsert_operations(tx, keys, now_ns); !kept)
        return kept;
    if (auto kept = store::insert_windows(tx, rows); !kept)
        return kept;
    if (auto kept = keep_service_window(tx, closed.window, now_ns); !kept)
        return kept;

    std::vector<store::baseline> baselines;
    for (const auto& [operation, state] : closed.baselines)
        baselines.push_back({operation, closed.window.end_ns, state});
    if (auto kept = store::save_baselines(tx, baselines); !kept)
        return kept;
    return store::add_traffic(tx, closed.window.start_ns, closed.records, failing, now_ns);
}

// Which versions ran, and which operations did not fit.
result<std::uint32_t> keep_notes(store::transaction& tx, const closed_window& closed, std::int64_t now_ns)
{
    std::vector<store::version_sight> versions;
    for (const seen_version& seen : closed.versions)
        versions.push_back({seen.version, seen.first_start_ns});
    const auto fresh = store::note_versions(tx, closed.window.service, versions, now_ns);
    if (!fresh)
        return fresh.error();
    std::vector<store::overflow_route> routes;
    for (const overflowed_route& one : closed.overflow) {
        const model::operation_key& key = one.operation;
        routes.push_back({key.source, key.kind, key.method, key.route, one.records, closed.window.end_ns});
    }
    if (auto kept = store::add_overflow_routes(tx, closed.window.service, routes); !kept)
        return kept.error();
    return static_cast<std::uint32_t>(fresh->size());
}

// What becomes of a signal that is wanted. Its incident is empty while it waits to be seen in more windows.
result<void> place(
    store::transaction& tx, model::signal& signal, const commit_policy& policy, std::int64_t now_ns,
    commit_report& report
)
{
    signal.incident_id.clear();
    const auto quiet = suppress(tx, signal, now_ns);
    if (!quiet)
        return quiet.error();
    if (*quiet) {
        ++report.suppressed;
        return {};
    }
    auto placed = place_signal(tx, signal, policy, now_ns, report);
    if (!placed)
        return placed.error();
    signal.incident_id = std::move(*placed);
    return {};
}

result<void> keep_signal(
    store::transaction& tx, const model::signal& signal, const std::optional<model::evidence>& bundle,
    std::int64_t now_ns
)
{
    if (auto kept = store::insert_signal(tx, signal, now_ns); !kept)
        return kept;
    if (!bundle)
        return {};
    model::evidence evidence = *bundle;
    evidence.signal_id = signal.id;
    return store::insert_evidence(tx, evidence);
}

}  // namespace

quiet_counters::quiet_counters(metrics& numbers)
    : suppressed_(numbers.add_counter(
          "reprise_signals_quiet_total", "Signals that opened and joined no incident.", "reason=\"suppressed\""
      )),
      waiting_(numbers.add_counter(
          "reprise_signals_quiet_total", "Signals that opened and joined no incident.", "reason=\"occurrences_min\""
      ))
{
}

void quiet_counters::add(const commit_report& report) noexcept
{
    suppressed_.add(report.suppressed);
    waiting_.add(report.waiting);
}

result<evidence_need> find_evidence_need(
    const store::reader& from, const model::signal& signal, std::int64_t now_ns
)
{
    const auto quiet = store::find_suppression_of(from, signal, now_ns);
    if (!quiet)
        return quiet.error();
    if (*quiet)
        return evidence_need::none;
    const auto known = store::find_incident_by_fingerprint(from, signal.fingerprint);
    if (!known)
        return known.error();
    if (!*known) {
        const auto opens = opens_or_joins(from, signal);
        if (!opens)
            return opens.error();
        return *opens ? evidence_need::bundle : evidence_need::none;
    }
    const auto lacking = lacks_evidence(from, **known);
    if (!lacking)
        return lacking.error();
    if (*lacking)
        return evidence_need::bundle;
    const bool counts_only = lifecycle::find_occurrence_rule(&**known, now_ns) == lifecycle::occurrence_rule::count;
    return counts_only ? evidence_need::none : evidence_need::bundle;
}

result<void> commit_signals(
    store::transaction& tx, std::vector<found_signal>& found,
    const std::vector<std::optional<model::evidence>>& bundles, const commit_policy& policy, std::int64_t now_ns,
    commit_report& report
)
{
    for (const std::size_t index : leading_first(found)) {
        model::signal& signal = found[index].signal;
        if (signal.id.empty())
            signal.id = make_ulid(now_ns);
        if (bundles[index])
            signal.evidence_id = bundles[index]->id;
        if (auto placed = place(tx, signal, policy, now_ns, report); !placed)
            return placed.error();
        if (auto kept = keep_signal(tx, signal, bundles[index], now_ns); !kept)
            return kept.error();
        ++report.signals;
    }
    return {};
}

result<commit_report> commit_window(
    store::transaction& tx, closed_window& closed, const std::vector<std::optional<model::evidence>>& bundles,
    const commit_policy& policy, std::int64_t now_ns
)
{
    if (auto kept = keep_statistics(tx, closed, now_ns); !kept)
        return kept.error();

    const auto deployments = keep_notes(tx, closed, now_ns);
    if (!deployments)
        return deployments.error();

    commit_report report;
    report.deployments = *deployments;
    const auto kept = commit_signals(tx, closed.found, bundles, policy, now_ns, report);
    if (!kept)
        return kept.error();
    return report;
}

}  // namespace reprise::pipeline
