#include "select_records.hpp"

#include <algorithm>
#include <unordered_set>

namespace reprise::pipeline {
namespace {

using model::evidence_role;
using model::signal_kind;

bool is_inbound_rrpair(const operation_entry& operation)
{
    return operation.key.source == model::source::rrpair && operation.key.kind == model::operation_kind::server;
}

// The slot of the inbound RRPair twin of an operation (a signal found in spans is proved with the
// captured request), or of the operation itself.
const operation_slot* find_inbound_slot(const record_sources& from)
{
    for (std::size_t i = 0; i < from.operations.size(); ++i) {
        const operation_entry& entry = from.operations[i];
        if (is_inbound_rrpair(entry) && entry.key.method == from.signal.operation.method &&
            entry.key.route == from.signal.operation.route)
            return i < from.window.slots.size() ? from.window.slots[i].get() : nullptr;
    }
    return nullptr;
}

void append(
    std::vector<raw_record>& out, evidence_role role, const std::vector<const exemplar*>& from, std::size_t count_max
)
{
    for (std::size_t i = 0; i < std::min(from.size(), count_max); ++i)
        out.push_back({role, model::source::rrpair, from[i]->trace, from[i]->bytes});
}

// The failing request itself was captured: it is driven, good ones of its operation are the control.
std::vector<raw_record> select_inbound(const record_sources& from, const operation_slot& slot)
{
    std::vector<raw_record> out;
    const bool is_latency = from.signal.kind == signal_kind::latency;
    std::vector<const exemplar*> failing = is_latency ? slot.exemplars.slow.list() : slot.exemplars.failing.list();
    std::vector<const exemplar*> good = slot.exemplars.good.list();
    if (is_latency) {
        const auto is_slow = [&from](const exemplar* one) {
            return static_cast<double>(one->duration_ns) >= from.signal.gate;
        };
        std::erase_if(failing, [&](const exemplar* one) { return !is_slow(one); });
        std::erase_if(good, is_slow);
    }
    append(out, evidence_role::failing, failing, failing_records_max);
    append(out, evidence_role::control, good, control_records_max);
    return out;
}

// Traces in which a dependency call shows what the signal is about.
std::unordered_set<std::uint64_t> affected_traces(const record_sources& from)
{
    if (from.signal.kind == signal_kind::slow_query)
        return from.window.slow_traces;
    if (from.signal.kind != signal_kind::n_plus_one)
        return from.window.failing_traces;
    std::unordered_set<std::uint64_t> traces;
    for (const detect::repeated_call& call : from.summary.repeated) {
        if (call.operation == from.signal.operation_id)
            traces.insert(call.trace.low);
    }
    return traces;
}

// Only of a request that began and ended in this window are all calls known: one from before may have
// met another version of the service, one that runs on may still fail.
bool lies_within(const inbound_ring::record& request, const detect::service_window& window)
{
    return request.start_ns >= window.start_ns && request.start_ns + request.duration_ns <= window.end_ns;
}

void append_calls(const record_sources& from, std::vector<raw_record>& out)
{
    for (std::size_t i = 0; i < from.operations.size() && i < from.window.slots.size(); ++i) {
        if (from.operations[i].id != from.signal.operation_id || !from.window.slots[i])
            continue;
        const operation_exemplars& exemplars = from.window.slots[i]->exemplars;
        auto calls = exemplars.failing.list();
        if (calls.empty())
            calls = exemplars.slow.list();
        for (std::size_t n = 0; n < std::min(calls.size(), context_records_max); ++n)
            out.push_back({evidence_role::context, from.signal.operation.source, calls[n]->trace, calls[n]->bytes});
    }
}

// A dependency call is bad: the requests that made such calls are driven, requests of the same
// operation without them are the control.
std::vector<raw_record> select_by_trace(const record_sources& from)
{
    std::vector<raw_record> out;
    const auto affected = affected_traces(from);
    std::unordered_set<std::uint32_t> operations;
    const auto& records = from.inbound.records();
    for (auto it = records.rbegin(); it != records.rend() && out.size() < failing_records_max; ++it) {
        if (!affected.contains(it->trace.low))
            continue;
        operations.insert(it->operation);
        out.push_back({evidence_role::trigger, model::source::rrpair, it->trace, it->bytes});
    }
    std::size_t controls = 0;
    for (auto it = records.rbegin(); it != records.rend() && controls < control_records_max; ++it) {
        if (affected.contains(it->trace.low) || !operations.contains(it->operation) ||
            it->outcome != model::outcome::ok || !lies_within(*it, from.summary))
            continue;
        ++controls;
        out.push_back({evidence_role::control, model::source::rrpair, it->trace, it->bytes});
    }
    append_calls(from, out);
    return out;
}

}  // namespace

std::vector<raw_record> select_records(const record_sources& from)
{
    if (from.signal.operation.kind == model::operation_kind::server &&
        from.signal.kind != signal_kind::n_plus_one) {
        if (const operation_slot* slot = find_inbound_slot(from))
            return select_inbound(from, *slot);
    }
    return select_by_trace(from);
}

}  // namespace reprise::pipeline
