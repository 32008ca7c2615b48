#include "service_state.hpp"

#include "select_records.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/detect/detectors.hpp"
#include "reprise/lifecycle/fingerprint.hpp"

#include <algorithm>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::size_t trace_ids_max = 8;

std::int64_t floor_to(std::int64_t value, std::int64_t step)
{
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

// Records of one trace are kept or left together, on every machine alike.
std::uint64_t sampling_rank(const model::observation& call)
{
    if (call.trace)
        return mix64(call.trace.high ^ call.trace.low);
    return mix64(static_cast<std::uint64_t>(call.start_ns));
}

void flag(std::unordered_set<std::uint64_t>& traces, const model::trace_id& trace)
{
    if (trace && traces.size() < flagged_traces_max)
        traces.insert(trace.low);
}

template <std::size_t Size>
std::vector<std::string> hex_traces(const exemplar_set<Size>& set)
{
    std::vector<std::string> ids;
    for (const exemplar* one : set.list()) {
        const std::string id = model::to_hex(one->trace);
        if (!id.empty() && ids.size() < trace_ids_max && std::find(ids.begin(), ids.end(), id) == ids.end())
            ids.push_back(id);
    }
    return ids;
}

}  // namespace

service_state::service_state(std::string name, const stream_limits& limits)
    : name_(std::move(name)), limits_(limits)
{
}

std::uint32_t service_state::find_or_add(const model::operation_view& operation, std::uint64_t id)
{
    const auto found = index_.find(id);
    // Two keys with one hash share the overflow operation rather than mix.
    if (found != index_.end() && operations_[found->second].key.view().route == operation.route &&
        operations_[found->second].key.method == operation.method)
        return found->second;
    if (found == index_.end() && operations_.size() < limits_.operations_max) {
        const auto slot = static_cast<std::uint32_t>(operations_.size());
        operations_.push_back({model::operation_key(operation), id, {}});
        index_.emplace(id, slot);
        return slot;
    }
    if (overflow_slot_ == UINT32_MAX) {
        model::operation_view overflow = operation;
        overflow.kind = model::operation_kind::internal;
        overflow.protocol = "";
        overflow.method = "";
        overflow.route = overflow_route;
        overflow_slot_ = static_cast<std::uint32_t>(operations_.size());
        operations_.push_back({model::operation_key(overflow), model::operation_id(overflow), {}});
    }
    return overflow_slot_;
}

void service_state::restore_baseline(const model::operation_key& operation, std::string_view encoded)
{
    auto state = detect::baseline::decode(encoded);
    if (!state)
        return;  // A damaged baseline is learned again.
    const std::uint32_t slot = find_or_add(operation.view(), model::operation_id(operation.view()));
    if (!is_overflow(slot))
        operations_[slot].baseline = std::move(*state);
}

open_window* service_state::find_or_open(std::int64_t start_ns)
{
    const auto at = std::lower_bound(open_.begin(), open_.end(), start_ns, [](const auto& window, std::int64_t start) {
        return window->start_ns < start;
    });
    if (at != open_.end() && (*at)->start_ns == start_ns)
        return at->get();
    std::unique_ptr<open_window> made;
    if (spare_.empty()) {
        made = std::make_unique<open_window>();
    } else {
        made = std::move(spare_.back());
        spare_.pop_back();
    }
    made->start_ns = start_ns;
    return open_.insert(at, std::move(made))->get();
}

bool service_state::add(std::uint32_t slot, const model::observation& call, std::string_view bytes, std::int64_t now_ns)
{
    last_arrival_ns_ = now_ns;
    if (call.start_ns < closed_until_ns_) {
        ++late_;
        return false;
    }
    const std::int64_t start_ns = floor_to(call.start_ns, limits_.window_ns);
    // Nearly every record falls into the newest window.
    open_window* window = !open_.empty() && open_.back()->start_ns == start_ns ? open_.back().get()
                                                                              : find_or_open(start_ns);
    watermark_ns_ = std::max(watermark_ns_, call.start_ns);
    note(*window, slot, call, bytes);
    return true;
}

void service_state::note(
    open_window& window, std::uint32_t slot, const model::observation& call, std::string_view bytes
)
{
    const model::operation_key& key = operations_[slot].key;
    if (window.slots.size() <= slot)
        window.slots.resize(operations_.size());
    auto& entry = window.slots[slot];
    if (!entry)
        entry = std::make_unique<operation_slot>(key.kind);
    entry->window.add(call);
    ++window.records;

    const std::uint64_t rank = sampling_rank(call);
    const bool failing = detect::is_failing(key.kind, call.outcome);
    if (failing)
        entry->exemplars.failing.offer(rank, call, bytes);
    else if (call.outcome == model::outcome::ok && key.kind == model::operation_kind::server)
        entry->exemplars.good.offer(rank, call, bytes);
    if (call.duration_ns > 0)
        entry->exemplars.slow.offer(UINT64_MAX - static_cast<std::uint64_t>(call.duration_ns), call, bytes);

    switch (key.kind) {
    case model::operation_kind::server:
        window.calls.add_inbound(call);
        if (key.source == model::source::rrpair)
            inbound_.add(slot, call, bytes);
        break;
    case model::operation_kind::client:
    case model::operation_kind::db:
        window.calls.add_call(call);
        if (failing)
            flag(window.failing_traces, call.trace);
        if (call.duration_ns >= limits_.detection.slow_query_low_ns)
            flag(window.slow_traces, call.trace);
        break;
    case model::operation_kind::messaging:
    case model::operation_kind::internal: break;
    }
}

void service_state::fill_summaries(
    const open_window& window, closed_window& closed, std::vector<std::uint32_t>& slots
) const
{
    for (std::uint32_t slot = 0; slot < window.slots.size(); ++slot) {
        const auto& entry = window.slots[slot];
        if (!entry || entry->window.empty())
            continue;
        auto summary = entry->window.summarise(operations_[slot].key, operations_[slot].id);
        summary.failing_trace_ids = hex_traces(entry->exemplars.failing);
        summary.slow_trace_ids = hex_traces(entry->exemplars.slow);
        closed.window.operations.push_back(std::move(summary));
        slots.push_back(slot);
    }
}

closed_window service_state::close_oldest()
{
    auto window = std::move(open_.front());
    open_.erase(open_.begin());

    closed_window closed;
    closed.window.service = name_;
    closed.window.start_ns = window->start_ns;
    closed.window.end_ns = window->start_ns + limits_.window_ns;
    closed.window.repeated = window->calls.list_repeated(limits_.detection.n_plus_one_calls_min);
    closed.window.groups_overflowed = window->calls.overflowed();
    closed.records = window->records;
    closed.late = std::exchange(late_, 0);
    closed.last_record_ns = last_arrival_ns_;
    closed_until_ns_ = std::max(closed_until_ns_, closed.window.end_ns);

    std::vector<std::uint32_t> slots;
    fill_summaries(*window, closed, slots);
    std::vector<const detect::baseline*> baselines;
    for (const std::uint32_t slot : slots)
        baselines.push_back(&operations_[slot].baseline);
    detect::detection detection = detect::detect(closed.window, baselines, limits_.detection);

    for (model::signal& signal : detection.signals) {
        signal.fingerprint = lifecycle::fingerprint(signal);
        auto records = select_records({signal, closed.window, *window, inbound_, operations_});
        closed.found.push_back({std::move(signal), std::move(records)});
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
        detect::baseline& state = operations_[slots[i]].baseline;
        closed.ready.push_back(state.ready(limits_.detection) ? 1 : 0);
        detect::update(
            state, closed.window.operations[i], closed.window.start_ns, closed.window.end_ns, detection.findings[i],
            limits_.detection
        );
        closed.baselines.emplace_back(operations_[slots[i]].id, state.encode());
    }
    recycle(std::move(window));
    return closed;
}

void service_state::recycle(std::unique_ptr<open_window> window)
{
    constexpr std::size_t spare_max = 2;
    if (spare_.size() >= spare_max)
        return;
    for (auto& slot : window->slots) {
        if (!slot)
            continue;
        // An operation that rested for a whole window gives its memory back.
        if (slot->window.empty()) {
            slot.reset();
            continue;
        }
        slot->window.reset();
        slot->exemplars.clear();
    }
    window->calls.clear();
    window->failing_traces.clear();
    window->slow_traces.clear();
    window->records = 0;
    spare_.push_back(std::move(window));
}

void service_state::close_due(std::int64_t now_ns, std::vector<closed_window>& closed)
{
    const bool quiet = now_ns - last_arrival_ns_ >= limits_.idle_close_ns;
    while (!open_.empty()) {
        const std::int64_t end_ns = open_.front()->start_ns + limits_.window_ns;
        const bool passed = end_ns + limits_.lateness_ns <= watermark_ns_;
        const bool idle = quiet && now_ns >= end_ns + limits_.idle_close_ns;
        if (!passed && !idle && open_.size() <= limits_.open_windows_max)
            return;
        closed.push_back(close_oldest());
    }
}

void service_state::close_all(std::vector<closed_window>& closed)
{
    while (!open_.empty())
        closed.push_back(close_oldest());
}

}  // namespace reprise::pipeline
