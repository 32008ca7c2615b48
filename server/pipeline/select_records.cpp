#include "select_records.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <unordered_set>

namespace reprise::pipeline {
namespace {

using model::evidence_role;
using model::signal_kind;

bool is_inbound_rrpair(const operation_entry& operation)
{
    return operation.key.source == model::source::rrpair && operation.key.kind == model::operation_kind::server;
}

// The inbound RRPair twin of an operation (a signal found in spans is proved with the captured request), or the
// operation itself.
const operation_slot* find_inbound_slot(const record_sources& from)
{
    std::size_t best = from.operations.size();
    for (std::size_t i = 0; i < std::min(from.operations.size(), from.window.slots.size()); ++i) {
        const operation_entry& entry = from.operations[i];
        const bool is_twin = is_inbound_rrpair(entry) && entry.key.method == from.signal.operation.method &&
                             entry.key.route == from.signal.operation.route;
        if (is_twin && (best == from.operations.size() || entry.id < from.operations[best].id))
            best = i;
    }
    return best < from.operations.size() ? from.window.slots[best].get() : nullptr;
}

void append(
    std::vector<raw_record>& out, evidence_role role, const std::vector<kept_record>& from, std::size_t count_max
)
{
    for (std::size_t i = 0; i < std::min(from.size(), count_max); ++i)
        out.push_back({role, model::source::rrpair, from[i].trace, std::string(from[i].bytes)});
}

// The failing request itself was captured: it is driven, good ones of its operation are the control.
std::vector<raw_record> select_inbound(const record_sources& from, const operation_slot& slot)
{
    std::vector<raw_record> out;
    const bool is_latency = from.signal.kind == signal_kind::latency;
    std::vector<kept_record> failing = is_latency ? slot.exemplars.slow.list() : slot.exemplars.failing.list();
    std::vector<kept_record> good = slot.exemplars.good.list();
    if (is_latency) {
        const auto is_slow = [&from](const kept_record& one) {
            return static_cast<double>(one.duration_ns) >= from.signal.gate;
        };
        std::erase_if(failing, [&](const kept_record& one) { return !is_slow(one); });
        std::erase_if(good, is_slow);
    }
    append(out, evidence_role::failing, failing, failing_records_max);
    append(out, evidence_role::control, good, control_records_max);
    return out;
}

// In which traces a dependency call shows what the signal is about.
class affected_traces {
public:
    explicit affected_traces(const record_sources& from)
    {
        switch (from.signal.kind) {
        case signal_kind::slow_query: flagged_ = &from.window.slow_traces; break;
        case signal_kind::n_plus_one:
            for (const detect::repeated_call& call : from.summary.repeated) {
                if (call.operation == from.signal.operation_id)
                    repeated_.insert(detect::trace_rank(call.trace));
            }
            break;
        default: flagged_ = &from.window.failing_traces;
        }
    }

    bool contains(const model::trace_id& trace) const
    {
        const std::uint64_t rank = detect::trace_rank(trace);
        return flagged_ != nullptr ? flagged_->contains(rank) : repeated_.contains(rank);
    }
    // Not affected, as far as anybody knows of this trace.
    bool spares(const model::trace_id& trace) const
    {
        return !contains(trace) && (flagged_ == nullptr || flagged_->knows(detect::trace_rank(trace)));
    }

private:
    const detect::trace_sample* flagged_ = nullptr;
    std::unordered_set<std::uint64_t> repeated_;
};

// Only of a request that began and ended in this window are all calls known: one from before may have
// met another version of the service, one that runs on may still fail.
bool lies_within(const kept_record& request, const detect::service_window& window)
{
    return request.start_ns >= window.start_ns && request.start_ns + request.duration_ns <= window.end_ns;
}

// The inbound exchanges that are still at hand, each once, by trace.
std::vector<kept_record> list_inbound(
    const open_window& window, const record_sample* earlier_inbound, const std::vector<operation_entry>& operations
)
{
    std::vector<kept_record> all = window.inbound.list();
    const auto append_all = [&all](const record_sample& sample) {
        const auto more = sample.list();
        all.insert(all.end(), more.begin(), more.end());
    };
    if (earlier_inbound != nullptr)
        append_all(*earlier_inbound);
    // A rare kind of request may be among its operation's exemplars alone.
    for (std::size_t i = 0; i < std::min(operations.size(), window.slots.size()); ++i) {
        if (!window.slots[i] || !is_inbound_rrpair(operations[i]))
            continue;
        append_all(window.slots[i]->exemplars.failing);
        append_all(window.slots[i]->exemplars.slow);
        append_all(window.slots[i]->exemplars.good);
    }
    const auto key = [](const kept_record& one) {
        return std::tuple(detect::trace_rank(one.trace), one.start_ns, one.bytes);
    };
    std::sort(all.begin(), all.end(), [&key](const auto& a, const auto& b) { return key(a) < key(b); });
    const auto is_same = [&key](const auto& a, const auto& b) { return key(a) == key(b); };
    all.erase(std::unique(all.begin(), all.end(), is_same), all.end());
    return all;
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
            out.push_back(
                {evidence_role::context, from.signal.operation.source, calls[n].trace, std::string(calls[n].bytes)}
            );
    }
}

// A dependency call is bad: the requests that made such calls are driven, requests of the same
// operation without them are the control.
std::vector<raw_record> select_by_trace(const record_sources& from)
{
    std::vector<raw_record> out;
    const affected_traces affected(from);
    std::unordered_set<std::uint32_t> operations;
    auto inbound = list_inbound(from.window, from.earlier_inbound, from.operations);
    std::erase_if(inbound, [](const kept_record& one) { return !one.trace; });
    std::vector<kept_record> triggers;
    for (const kept_record& request : inbound) {
        if (!affected.contains(request.trace) || triggers.size() == failing_records_max)
            continue;
        operations.insert(request.operation);
        triggers.push_back(request);
    }
    append(out, evidence_role::trigger, triggers, failing_records_max);
    std::vector<kept_record> controls;
    for (const kept_record& request : inbound) {
        if (affected.spares(request.trace) && operations.contains(request.operation) &&
            request.outcome == model::outcome::ok && lies_within(request, from.summary))
            controls.push_back(request);
    }
    append(out, evidence_role::control, controls, control_records_max);
    append_calls(from, out);
    return out;
}

// What the chosen requests called, as far as it was kept: answers for a mock.
void append_dependencies(const record_sources& from, std::vector<raw_record>& out)
{
    std::unordered_set<std::uint64_t> traces;
    std::unordered_set<std::string_view> known;
    for (const raw_record& one : out) {
        known.insert(one.bytes);
        if (one.role != evidence_role::context && one.trace)
            traces.insert(detect::trace_rank(one.trace));
    }
    std::vector<raw_record> calls;
    for (std::size_t i = 0; i < std::min(from.operations.size(), from.window.slots.size()); ++i) {
        const model::operation_key& key = from.operations[i].key;
        const bool is_call = key.kind == model::operation_kind::client || key.kind == model::operation_kind::db;
        if (!from.window.slots[i] || !is_call || key.source != model::source::rrpair)
            continue;
        const operation_exemplars& exemplars = from.window.slots[i]->exemplars;
        for (const record_sample* sample : {&exemplars.failing, &exemplars.slow}) {
            for (const kept_record& one : sample->list()) {
                if (traces.contains(detect::trace_rank(one.trace)) && known.insert(one.bytes).second)
                    calls.push_back({evidence_role::context, key.source, one.trace, std::string(one.bytes)});
            }
        }
    }
    // By trace and content: the order of operations is that in which they came.
    std::sort(calls.begin(), calls.end(), [](const raw_record& a, const raw_record& b) {
        return std::tuple(detect::trace_rank(a.trace), std::string_view(a.bytes)) <
               std::tuple(detect::trace_rank(b.trace), std::string_view(b.bytes));
    });
    calls.resize(std::min(calls.size(), dependency_records_max));
    std::move(calls.begin(), calls.end(), std::back_inserter(out));
}

std::vector<raw_record> select_requests(const record_sources& from)
{
    if (from.signal.operation.kind == model::operation_kind::server &&
        from.signal.kind != signal_kind::n_plus_one) {
        if (const operation_slot* slot = find_inbound_slot(from))
            return select_inbound(from, *slot);
    }
    return select_by_trace(from);
}

}  // namespace

std::vector<raw_record> select_records(const record_sources& from)
{
    std::vector<raw_record> out = select_requests(from);
    append_dependencies(from, out);
    return out;
}

std::vector<raw_record> list_session(
    const open_window& window, const record_sample* earlier_inbound, const std::vector<operation_entry>& operations
)
{
    std::vector<raw_record> out;
    for (const kept_record& one : list_inbound(window, earlier_inbound, operations))
        out.push_back({evidence_role::setup, model::source::rrpair, one.trace, std::string(one.bytes)});
    return out;
}

}  // namespace reprise::pipeline
