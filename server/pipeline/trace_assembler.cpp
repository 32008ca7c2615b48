#include "reprise/pipeline/trace_assembler.hpp"

#include "open_traces.hpp"
#include "span_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reprise::pipeline {
namespace {

// Stands before each span in its trace's chain: what decides when the trace is done, without reading the span again.
struct record_head {
    std::uint64_t span = 0;
    std::uint64_t parent = 0;
    std::uint32_t span_bytes = 0;
    std::uint32_t service_bytes = 0;
};

constexpr std::uint64_t admitted_all = UINT64_MAX;
constexpr std::uint64_t admitted_least = admitted_all >> 16;

template <class T>
std::string_view bytes_of(const T& value) noexcept
{
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

struct trace_assembler::state {
    explicit state(const assembly_limits& limits_in) : limits(limits_in), blocks(limits_in.memory_bytes_max) {}

    open_trace* find_or_open(const model::trace_id& id, std::uint64_t rank);
    bool keep(std::uint64_t rank, const model::trace_id& id, const record_head& head, std::string_view service,
              std::string_view span);
    bool make_room(std::uint64_t rank);
    void drop(std::size_t index);
    void set_due(open_trace& trace, bool is_root, const moment& now) const noexcept;
    bool is_connected(const open_trace& trace);
    assembled_trace close(std::size_t index);
    void note_late(const model::trace_id& id);

    assembly_limits limits;
    assembly_counts counts;
    span_blocks blocks;
    open_traces open;
    recent_traces recent;
    std::uint64_t admitted = admitted_all;
    std::int64_t admitted_since_ns = 0;   // When it last changed ...
    std::int64_t now_ns = 0;              // ... and now, by the steady clock.
    std::vector<model::trace_id> late;
    std::vector<std::uint64_t> ids;       // Scratch.
    std::vector<std::uint64_t> parents;
    model::trace_id last_id;              // Spans of one trace mostly follow each other.
    std::size_t last_index = SIZE_MAX;
};

void trace_assembler::state::note_late(const model::trace_id& id)
{
    ++counts.late_spans;
    if (late.size() < late_listed_max && std::find(late.begin(), late.end(), id) == late.end())
        late.push_back(id);
}

// Null: the span is not taken, and counted as what it is.
open_trace* trace_assembler::state::find_or_open(const model::trace_id& id, std::uint64_t rank)
{
    if (last_index < open.size() && last_id == id)
        return &open[last_index];
    open_trace* found = open.find(id, rank);
    if (found == nullptr) {
        const auto before = recent.find(rank);
        if (before == recent_traces::fate::done) {
            note_late(id);
            return nullptr;
        }
        if (before == recent_traces::fate::dropped || rank >= admitted) {
            counts.dropped_traces += before == recent_traces::fate::unknown ? 1U : 0U;
            ++counts.dropped_spans;
            recent.note(rank, true);
            return nullptr;
        }
        found = &open.add(id, rank);
    }
    last_id = id;
    last_index = open.index_of(*found);
    return found;
}

void trace_assembler::state::drop(std::size_t index)
{
    open_trace& trace = open[index];
    ++counts.dropped_traces;
    counts.dropped_spans += trace.spans;
    recent.note(trace.rank, true);
    blocks.release(trace.records);
    open.remove(index);
    last_index = SIZE_MAX;
}

// Lets half of the traces go. False when the trace of this rank is among them, or nothing helps.
bool trace_assembler::state::make_room(std::uint64_t rank)
{
    if (admitted <= admitted_least)
        return false;
    admitted /= 2;
    admitted_since_ns = now_ns;
    for (std::size_t i = open.size(); i-- > 0;) {
        if (open[i].rank >= admitted)
            drop(i);
    }
    return rank < admitted;
}

bool trace_assembler::state::keep(
    std::uint64_t rank, const model::trace_id& id, const record_head& head, std::string_view service,
    std::string_view span
)
{
    for (;;) {
        open_trace* const trace = find_or_open(id, rank);
        if (trace == nullptr)
            return false;
        if (blocks.append(trace->records, {bytes_of(head), service, span}))
            return true;
        if (make_room(rank))
            continue;
        if (open_trace* const left = open.find(id, rank); left != nullptr)
            drop(open.index_of(*left));
        ++counts.dropped_spans;
        return false;
    }
}

void trace_assembler::state::set_due(open_trace& trace, bool is_root, const moment& now) const noexcept
{
    const bool waited = trace.has_root && trace.due_ns > trace.last_arrival_ns + limits.complete_after_ns;
    trace.last_arrival_ns = now.steady_ns;
    trace.arrived_ns = now.wall_ns;
    // The root, or what may be the missing parent, is given time for its neighbours to come as well.
    if (is_root || waited)
        trace.due_ns = now.steady_ns + limits.complete_after_ns;
    else if (!trace.has_root)
        trace.due_ns = now.steady_ns + limits.idle_after_ns;
    trace.has_root = trace.has_root || is_root;
}

// Whether every parent that is named came.
bool trace_assembler::state::is_connected(const open_trace& trace)
{
    ids.clear();
    parents.clear();
    span_blocks::cursor at(blocks, trace.records);
    for (record_head head; at.read(&head, sizeof head);) {
        ids.push_back(head.span);
        if (head.parent != 0)
            parents.push_back(head.parent);
        at.pass_over(std::size_t{head.service_bytes} + head.span_bytes);
    }
    std::sort(ids.begin(), ids.end());
    return std::all_of(parents.begin(), parents.end(), [this](std::uint64_t parent) {
        return std::binary_search(ids.begin(), ids.end(), parent);
    });
}

assembled_trace trace_assembler::state::close(std::size_t index)
{
    open_trace& trace = open[index];
    assembled_trace made;
    made.id = trace.id;
    made.truncated = trace.truncated;
    made.arrived_ns = trace.arrived_ns;
    blocks.copy(trace.records, made.bytes);
    made.spans.reserve(trace.spans);
    for (std::size_t at = 0; at < made.bytes.size();) {
        record_head head;
        std::memcpy(&head, made.bytes.data() + at, sizeof head);
        at += sizeof head;
        made.spans.push_back({static_cast<std::uint32_t>(at), head.service_bytes, head.span_bytes});
        at += std::size_t{head.service_bytes} + head.span_bytes;
    }
    ++counts.completed;
    recent.note(trace.rank, false);
    blocks.release(trace.records);
    open.remove(index);
    last_index = SIZE_MAX;
    return made;
}

trace_assembler::trace_assembler(const assembly_limits& limits) : state_(std::make_unique<state>(limits)) {}
trace_assembler::~trace_assembler() = default;
trace_assembler::trace_assembler(trace_assembler&&) noexcept = default;
trace_assembler& trace_assembler::operator=(trace_assembler&&) noexcept = default;

void trace_assembler::add_span(
    const model::observation_batch& batch, const model::observation& call, std::uint64_t rank, const moment& now
)
{
    state& all = *state_;
    all.now_ns = now.steady_ns;
    open_trace* trace = all.find_or_open(call.trace, rank);
    if (trace == nullptr)
        return;
    const std::string_view service = batch.operations[call.operation_index].service;
    const std::string_view span = std::string_view(*batch.bytes).substr(call.record_offset, call.record_bytes);
    const record_head head{
        call.span, call.parent_span, static_cast<std::uint32_t>(span.size()),
        static_cast<std::uint32_t>(service.size())};
    const std::size_t bytes = trace->records.bytes + sizeof head + service.size() + span.size();
    if (trace->spans >= all.limits.spans_max || bytes > all.limits.trace_bytes_max) {
        trace->truncated = true;
        ++all.counts.truncated_spans;
        all.set_due(*trace, call.parent_span == 0, now);
        return;
    }
    if (!all.keep(rank, call.trace, head, service, span))
        return;
    trace = all.find_or_open(call.trace, rank);
    ++trace->spans;
    all.set_due(*trace, call.parent_span == 0, now);
}

std::vector<assembled_trace> trace_assembler::close_due(const moment& now)
{
    state& all = *state_;
    std::vector<assembled_trace> done;
    for (std::size_t i = all.open.size(); i-- > 0;) {
        open_trace& trace = all.open[i];
        if (trace.due_ns > now.steady_ns)
            continue;
        const std::int64_t idle_ns = trace.last_arrival_ns + all.limits.idle_after_ns;
        if (now.steady_ns < idle_ns && !trace.truncated && !all.is_connected(trace)) {
            trace.due_ns = idle_ns;
            continue;
        }
        done.push_back(all.close(i));
    }
    const bool has_room = all.blocks.used_bytes() < all.blocks.bytes_max() / 2;
    if (all.admitted != admitted_all && has_room &&
        now.steady_ns - all.admitted_since_ns >= all.limits.complete_after_ns) {
        all.admitted = all.admitted > admitted_all / 2 ? admitted_all : 2 * all.admitted + 1;
        all.admitted_since_ns = now.steady_ns;
    }
    return done;
}

std::vector<assembled_trace> trace_assembler::close_all()
{
    std::vector<assembled_trace> done;
    for (std::size_t i = state_->open.size(); i-- > 0;)
        done.push_back(state_->close(i));
    return done;
}

std::vector<model::trace_id> trace_assembler::take_late()
{
    return std::exchange(state_->late, {});
}

const assembly_counts& trace_assembler::counts() const noexcept
{
    return state_->counts;
}

std::size_t trace_assembler::open() const noexcept
{
    return state_->open.size();
}

std::size_t trace_assembler::memory_bytes() const noexcept
{
    return state_->blocks.used_bytes();
}

std::uint64_t trace_assembler::admitted_rank() const noexcept
{
    return state_->admitted;
}

}  // namespace reprise::pipeline
