#include "reprise/replay/observed_calls.hpp"

#include "measure.hpp"

#include <algorithm>

namespace reprise::replay {
namespace {

// Metrics speak of no single call.
std::optional<std::size_t> place_of(model::source from)
{
    switch (from) {
    case model::source::span: return 0;
    case model::source::rrpair: return 1;
    case model::source::metric: break;
    }
    return std::nullopt;
}

bool is_outward(model::operation_kind kind)
{
    return kind == model::operation_kind::client || kind == model::operation_kind::db;
}

}  // namespace

void observed_calls::begin()
{
    traces_.clear();
    kept_ = 0;
}

void observed_calls::take(const model::observation_batch& batch)
{
    for (const model::observation& seen : batch.observations) {
        const model::operation_view& operation = batch.operations[seen.operation_index];
        const auto place = place_of(operation.source);
        if (!place || seen.trace.high != mark_)
            continue;
        const bool is_inbound = operation.kind == model::operation_kind::server;
        if (!is_inbound && (!is_outward(operation.kind) || kept_ >= calls_max))
            continue;
        reported& trace = traces_[seen.trace.low][*place];
        if (is_inbound) {
            reports_[*place] = true;
            trace.finished = true;
        } else if (operation.source != model::source::span || trace.spans.insert(seen.span).second) {
            trace.calls.push_back(interval_of(seen));
            ++kept_;
        }
    }
}

bool observed_calls::complete(std::span<const model::trace_id> wanted) const
{
    if (std::none_of(reports_.begin(), reports_.end(), [](bool reports) { return reports; }))
        return wanted.empty();
    return std::all_of(wanted.begin(), wanted.end(), [this](const model::trace_id& trace) {
        const auto found = traces_.find(trace.low);
        for (std::size_t place = 0; place < sources; ++place) {
            if (reports_[place] && (found == traces_.end() || !found->second[place].finished))
                return false;
        }
        return true;
    });
}

std::optional<call_figures> observed_calls::find(const model::trace_id& trace) const
{
    const auto found = traces_.find(trace.low);
    if (found == traces_.end())
        return std::nullopt;
    const reported* most = nullptr;
    for (const reported& one : found->second) {
        if (one.finished && (most == nullptr || one.calls.size() > most->calls.size()))
            most = &one;
    }
    if (most == nullptr)
        return std::nullopt;
    call_figures made;
    made.calls = static_cast<std::uint32_t>(most->calls.size());
    made.peak = detect::peak_in_flight(most->calls);
    made.arrivals = detect::max_arrivals(most->calls);
    return made;
}

}  // namespace reprise::replay
