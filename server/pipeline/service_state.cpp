#include "service_state.hpp"

#include "select_records.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/detect/detectors.hpp"
#include "reprise/detect/settings.hpp"
#include "reprise/lifecycle/fingerprint.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::size_t trace_ids_max = 8;

// Records of one trace are kept or left together, on every machine alike.
std::uint64_t sampling_rank(const model::observation& call)
{
    return call.trace ? detect::trace_rank(call.trace) : mix64(static_cast<std::uint64_t>(call.start_ns));
}

std::vector<std::string> hex_traces(const record_sample& sample)
{
    std::vector<std::string> ids;
    for (const kept_record& one : sample.list()) {
        const std::string id = model::to_hex(one.trace);
        if (!id.empty() && ids.size() < trace_ids_max && std::find(ids.begin(), ids.end(), id) == ids.end())
            ids.push_back(id);
    }
    return ids;
}

}  // namespace

service_state::service_state(std::string name, const stream_limits& limits, const detection_book* detection)
    : name_(std::move(name)), limits_(limits), detection_(detection)
{
}

detect::detection_limits service_state::detection_now() const
{
    if (detection_ == nullptr)
        return limits_.detection;
    return detect::with_settings(limits_.detection, detection_->find(name_));
}

operation_place service_state::find_or_add(const model::operation_view& operation, std::uint64_t id)
{
    const operation_index::entry* const found = index_.find(id);
    // Two keys with one hash share the overflow operation rather than mix.
    if (found != nullptr && found->is_same(operation))
        return found->place;
    if (found == nullptr && operations_.size() < limits_.operations_max)
        return add_operation(operation, id, false);
    return find_or_add_overflow(operation);
}

operation_place service_state::add_operation(const model::operation_view& operation, std::uint64_t id, bool overflow)
{
    const bool inbound =
        operation.source == model::source::rrpair && operation.kind == model::operation_kind::server;
    const operation_place place{
        static_cast<std::uint32_t>(operations_.size()), operation.kind, inbound && !overflow, overflow};
    operations_.push_back({model::operation_key(operation), id, overflow, {}});
    index_.add(id, operation, place);
    return place;
}

// One per source: statistics never mix sources.
operation_place service_state::find_or_add_overflow(const model::operation_view& operation)
{
    model::operation_view shared = operation;
    shared.kind = model::operation_kind::internal;
    shared.protocol = "";
    shared.method = "";
    shared.route = overflow_route;
    const std::uint64_t id = model::operation_id(shared);
    const operation_index::entry* const found = index_.find(id);
    return found != nullptr ? found->place : add_operation(shared, id, true);
}

void service_state::restore_baseline(const model::operation_key& operation, std::string_view encoded)
{
    auto state = detect::baseline::decode(encoded);
    if (!state || operation.route == overflow_route)
        return;  // A damaged baseline is learned again; what shares the overflow changes.
    const operation_place at = find_or_add(operation.view(), model::operation_id(operation.view()));
    if (!at.overflow)
        operations_[at.slot].baseline = std::move(*state);
}

std::int64_t service_state::window_of(std::int64_t start_ns) const noexcept
{
    const std::int64_t rest = start_ns % limits_.window_ns;
    return start_ns - (rest < 0 ? rest + limits_.window_ns : rest);
}

open_window& service_state::open(std::int64_t start_ns)
{
    auto made = std::make_unique<open_window>();
    made->start_ns = start_ns;
    made->slow_query_ns = detection_now().slow_query_low_ns;
    const auto at = std::lower_bound(open_.begin(), open_.end(), start_ns, [](const auto& window, std::int64_t start) {
        return window->start_ns < start;
    });
    return **open_.insert(at, std::move(made));
}

open_window& service_state::find_or_open(std::int64_t time_ns)
{
    open_window* const found = find_window_of(time_ns);
    return found != nullptr ? *found : open(window_of(time_ns));
}

void service_state::restore_closed(std::int64_t through_ns)
{
    closed_until_ns_ = std::max(closed_until_ns_, through_ns);
}

// Nearly every record falls into the newest window.
open_window* service_state::find_window_of(std::int64_t time_ns) const noexcept
{
    for (auto window = open_.rbegin(); window != open_.rend(); ++window) {
        const std::int64_t offset_ns = time_ns - (*window)->start_ns;
        if (offset_ns >= 0 && offset_ns < limits_.window_ns)
            return window->get();
    }
    return nullptr;
}

operation_slot* service_state::find_slot_of(const operation_place& of, const open_window* window) const noexcept
{
    return window != nullptr && of.slot < window->slots.size() ? window->slots[of.slot].get() : nullptr;
}

void service_state::fetch_operation(const operation_place& of, const model::observation& call) const noexcept
{
    constexpr std::size_t line_bytes = 64;
    const auto* const at = reinterpret_cast<const char*>(find_slot_of(of, find_window_of(call.start_ns)));
    if (at == nullptr)
        return;
    for (std::size_t offset = 0; offset < sizeof(operation_slot); offset += line_bytes)
        __builtin_prefetch(at + offset, 1);
}

void service_state::fetch_tables(const operation_place& of, const model::observation& call) const noexcept
{
    const open_window* const window = find_window_of(call.start_ns);
    const operation_slot* const slot = find_slot_of(of, window);
    if (slot == nullptr)
        return;
    slot->window.fetch_directory();
    window->calls.fetch_place(call, of.kind == model::operation_kind::server);
}

void service_state::fetch_entries(const operation_place& of, const model::observation& call) const noexcept
{
    const open_window* const window = find_window_of(call.start_ns);
    const operation_slot* const slot = find_slot_of(of, window);
    if (slot == nullptr)
        return;
    slot->window.fetch_bucket(call.duration_ns);
    window->calls.fetch_entry(call, of.kind == model::operation_kind::server);
}

bool service_state::add(
    const operation_place& to, const model::observation& call, std::string_view bytes, const moment& now,
    const shared_hold& hold
)
{
    last_arrival_ = now;
    if (is_closed(call.start_ns)) {
        ++late_;
        return false;
    }
    // A sender whose clock is ahead must not end the windows of the others.
    watermark_ns_ = std::max(watermark_ns_, std::min(call.start_ns, now.wall_ns));
    open_window& window = find_or_open(call.start_ns);
    window.keep(hold);
    note(window, to, call, bytes);
    return true;
}

bool service_state::add(
    std::uint32_t slot, const model::measured_calls& point, const series_growth& growth, const moment& now,
    const shared_hold& hold
)
{
    last_arrival_ = now;
    // A point read at the very end of a window speaks of that window.
    const std::int64_t time_ns = point.time_ns - 1;
    if (is_closed(time_ns)) {
        ++late_;
        return false;
    }
    watermark_ns_ = std::max(watermark_ns_, std::min(time_ns, now.wall_ns));
    open_window& window = find_or_open(time_ns);
    window.keep(hold);
    enter(window, slot).window.add(point, growth.calls, growth.buckets);
    ++window.records;
    return true;
}

void service_state::note_version(std::string_view version, std::int64_t start_ns)
{
    open_window* const window = find_window_of(start_ns);
    if (window == nullptr)
        return;
    const auto known = std::find_if(window->versions.begin(), window->versions.end(), [version](const auto& seen) {
        return seen.version == version;
    });
    if (known != window->versions.end())
        known->first_start_ns = std::min(known->first_start_ns, start_ns);
    else if (window->versions.size() < window_versions_max)
        window->versions.push_back({std::string(version), start_ns});
}

// The operation's share of the window, for one more record.
operation_slot& service_state::enter(open_window& window, std::uint32_t slot)
{
    if (window.slots.size() <= slot)
        window.slots.resize(operations_.size());
    auto& entry = window.slots[slot];
    if (!entry)
        entry = std::make_unique<operation_slot>(operations_[slot].key.kind);
    if (!entry->window.empty())
        return *entry;
    const auto counts = exemplar_counts::for_operations(++window.operations);
    if (counts != window.counts) {
        window.counts = counts;
        for (const auto& other : window.slots) {
            if (other)
                other->exemplars.lower(counts);
        }
    }
    return *entry;
}

void service_state::note(
    open_window& window, const operation_place& to, const model::observation& call, std::string_view bytes
)
{
    operation_slot& entry = enter(window, to.slot);
    entry.window.add(call);
    ++window.records;
    note_exemplar(window, entry, to, call, bytes);

    switch (to.kind) {
    case model::operation_kind::server: window.calls.add_inbound(call); break;
    case model::operation_kind::client:
    case model::operation_kind::db:
        window.calls.add_call(call);
        if (detect::is_failing(to.kind, call.outcome))
            window.failing_traces.add(call.trace);
        if (call.duration_ns >= window.slow_query_ns)
            window.slow_traces.add(call.trace);
        break;
    case model::operation_kind::messaging:
    case model::operation_kind::internal: break;
    }
}

void service_state::note_exemplar(
    open_window& window, operation_slot& entry, const operation_place& to, const model::observation& call,
    std::string_view bytes
)
{
    const std::uint64_t rank = sampling_rank(call);
    if (detect::is_failing(to.kind, call.outcome))
        entry.exemplars.failing.offer(rank, to.slot, call, bytes, exemplar_limits(window.counts.failing));
    else if (call.outcome == model::outcome::ok && to.inbound_exchange)
        entry.exemplars.good.offer(rank, to.slot, call, bytes, exemplar_limits(window.counts.good));
    if (call.duration_ns > 0) {
        const std::uint64_t longest_first = UINT64_MAX - static_cast<std::uint64_t>(call.duration_ns);
        entry.exemplars.slow.offer(longest_first, to.slot, call, bytes, exemplar_limits(window.counts.slow));
    }
    if (to.inbound_exchange && call.trace)
        window.inbound.offer(rank, to.slot, call, bytes, inbound_limits);
}

// In the order of the operations' ids: that of their slots is the order in which they came. Returns the slots.
std::vector<std::uint32_t> service_state::fill_summaries(const open_window& window, closed_window& closed) const
{
    std::vector<std::uint32_t> slots;
    for (std::uint32_t slot = 0; slot < window.slots.size(); ++slot) {
        if (window.slots[slot] && !window.slots[slot]->window.empty())
            slots.push_back(slot);
    }
    std::sort(slots.begin(), slots.end(), [this](std::uint32_t a, std::uint32_t b) {
        return operations_[a].id < operations_[b].id;
    });
    closed.window.operations.reserve(slots.size());
    for (const std::uint32_t slot : slots) {
        const operation_slot& entry = *window.slots[slot];
        auto summary = entry.window.summarise(operations_[slot].key, operations_[slot].id);
        summary.failing_trace_ids = hex_traces(entry.exemplars.failing);
        summary.slow_trace_ids = hex_traces(entry.exemplars.slow);
        closed.window.operations.push_back(std::move(summary));
    }
    return slots;
}

void service_state::find_signals(
    const open_window& window, closed_window& closed, const std::vector<std::uint32_t>& slots,
    const detect::detection_limits& limits
)
{
    std::vector<const detect::baseline*> baselines;
    baselines.reserve(slots.size());
    for (const std::uint32_t slot : slots)
        baselines.push_back(&operations_[slot].baseline);
    detect::detection detection = detect::detect(closed.window, baselines, limits);

    const bool goes_on = earlier_end_ns_ == window.start_ns;
    if (!detection.signals.empty())
        closed.session = list_session(window, goes_on ? &earlier_inbound_ : nullptr, operations_);
    for (model::signal& signal : detection.signals) {
        signal.fingerprint = lifecycle::fingerprint(signal);
        const record_sources sources{signal, closed.window, window, goes_on ? &earlier_inbound_ : nullptr, operations_};
        auto records = select_records(sources);
        closed.found.push_back({std::move(signal), std::move(records)});
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
        detect::baseline& state = operations_[slots[i]].baseline;
        closed.ready.push_back(state.ready(limits) ? 1 : 0);
        detect::update(
            state, closed.window.operations[i], closed.window.start_ns, closed.window.end_ns, detection.findings[i],
            limits
        );
        closed.baselines.emplace_back(operations_[slots[i]].id, state.encode());
    }
}

closed_window service_state::close_oldest()
{
    const auto window = std::move(open_.front());
    open_.erase(open_.begin());

    closed_window closed;
    closed.window.service = name_;
    closed.window.start_ns = window->start_ns;
    closed.window.end_ns = window->start_ns + limits_.window_ns;
    const detect::detection_limits limits = detection_now();
    closed.window.repeated = window->calls.list_repeated(limits.n_plus_one_calls_min);
    closed.window.groups_overflowed = window->calls.overflowed();
    closed.versions = std::move(window->versions);
    std::sort(closed.versions.begin(), closed.versions.end(), [](const seen_version& a, const seen_version& b) {
        return std::tie(a.first_start_ns, a.version) < std::tie(b.first_start_ns, b.version);
    });
    closed.overflow = overflow_.take();
    closed.records = window->records;
    closed.late = std::exchange(late_, 0);
    closed.last_record_ns = last_arrival_.wall_ns;
    closed.holds = std::exchange(window->holds, {});
    closed_until_ns_ = std::max(closed_until_ns_, closed.window.end_ns);

    const auto slots = fill_summaries(*window, closed);
    find_signals(*window, closed, slots, limits);
    earlier_inbound_ = std::move(window->inbound);
    earlier_end_ns_ = closed.window.end_ns;
    return closed;
}

void service_state::close_passed(std::vector<closed_window>& closed)
{
    while (!open_.empty()) {
        const std::int64_t end_ns = open_.front()->start_ns + limits_.window_ns;
        if (end_ns + limits_.lateness_ns > watermark_ns_ && open_.size() <= limits_.open_windows_max)
            return;
        closed.push_back(close_oldest());
    }
}

std::optional<close_order> service_state::find_idle(const moment& now) const
{
    if (now.steady_ns - last_arrival_.steady_ns < limits_.idle_close_ns)
        return std::nullopt;
    std::optional<close_order> order;
    for (const auto& window : open_) {
        const std::int64_t end_ns = window->start_ns + limits_.window_ns;
        if (now.wall_ns < end_ns + limits_.idle_close_ns)
            break;
        order = close_order{name_, end_ns};
    }
    return order;
}

void service_state::close_through(
    std::int64_t through_ns, const shared_hold& hold, std::vector<closed_window>& closed
)
{
    while (!open_.empty() && open_.front()->start_ns + limits_.window_ns <= through_ns) {
        closed.push_back(close_oldest());
        if (hold)
            closed.back().holds.push_back(hold);
    }
}

void service_state::close_all(std::vector<closed_window>& closed)
{
    while (!open_.empty())
        closed.push_back(close_oldest());
}

}  // namespace reprise::pipeline
