#include "trace_commit.hpp"

#include "reprise/store/services.hpp"
#include "reprise/store/signals.hpp"

#include <algorithm>
#include <array>

namespace reprise::pipeline {
namespace {

result<void> keep_row(
    store::transaction& tx, const analysed_trace& trace, std::int64_t now_ns, trace_commit_report& report
)
{
    const model::trace_summary& summary = trace.kept.summary;
    const auto known = store::count_trace_spans(tx, summary.id);
    if (!known)
        return known.error();
    if (*known >= summary.span_count && *known > 0)
        return {};
    ++report.rows;
    report.opened += trace.kept.spans.empty() ? 0U : 1U;
    report.services.insert(summary.service);
    return store::save_trace(tx, trace.kept, now_ns);
}

result<bool> is_known(const store::reader& from, const model::signal& signal)
{
    store::signal_filter filter;
    filter.service = signal.operation.service;
    filter.kind = signal.kind;
    filter.ended_since_ns = signal.window_end_ns;
    filter.limit = store::signals_listed_max;
    const auto recent = store::list_signals(from, filter);
    if (!recent)
        return {boost::system::in_place_error, recent.error()};
    return std::any_of(recent->begin(), recent->end(), [&signal](const model::signal& one) {
        return one.operation_id == signal.operation_id && one.window_start_ns == signal.window_start_ns;
    });
}

bool has_requests(const found_signal& found)
{
    return std::any_of(found.records.begin(), found.records.end(), [](const raw_record& record) {
        return record.source == model::source::rrpair;
    });
}

result<void> keep_signal(
    store::transaction& tx, const found_signal& found, const std::optional<model::evidence>& bundle,
    const commit_policy& policy, std::int64_t now_ns, trace_commit_report& report
)
{
    const auto known = is_known(tx, found.signal);
    if (!known)
        return known.error();
    if (*known)
        return {};
    // Its windows are committed later than the trace is.
    const std::array seen = {store::service_sight{found.signal.operation.service, found.signal.window_end_ns, 0}};
    if (auto touched = store::touch_services(tx, seen, now_ns); !touched)
        return touched;
    commit_policy here = policy;
    here.is_replayable = has_requests(found);
    std::vector<found_signal> one = {found};
    return commit_signals(tx, one, {bundle}, here, now_ns, report.commit);
}

}  // namespace

result<trace_commit_report> commit_traces(
    store::transaction& tx, const std::vector<analysed_trace>& traces, const std::vector<found_signal>& found,
    const std::vector<std::optional<model::evidence>>& bundles, const commit_policy& policy, std::int64_t now_ns
)
{
    trace_commit_report report;
    for (const analysed_trace& trace : traces) {
        if (!trace.keeps_row)
            continue;
        if (auto kept = keep_row(tx, trace, now_ns, report); !kept)
            return kept.error();
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (auto kept = keep_signal(tx, found[i], bundles[i], policy, now_ns, report); !kept)
            return kept.error();
    }
    return report;
}

}  // namespace reprise::pipeline
