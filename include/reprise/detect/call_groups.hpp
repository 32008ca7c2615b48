#pragma once

#include "reprise/model/observation.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace reprise::detect {

// Calls of one dependency operation made under one parent span, repeated often enough to look at.
struct repeated_call {
    std::uint64_t operation = 0;         // The db or client operation.
    std::uint64_t parent_operation = 0;  // The inbound operation of the trace in this service; 0 when not seen.
    model::trace_id trace;
    std::uint32_t calls = 0;
    std::uint32_t failed = 0;
    std::int64_t duration_sum_ns = 0;
    std::int64_t first_start_ns = 0;
    std::int64_t last_start_ns = 0;
    std::int64_t parent_duration_ns = 0; // 0 when not seen.
    std::uint32_t arguments = 0;         // Estimated number of different arguments; 0 when the records do not say.
};

// Per service and window: how often each inbound request repeats a dependency call. A hash table keyed by
// (trace, parent span, operation), capped at groups_max and inbound_max. Beyond either, only the traces of lowest
// rank stay, whole, and the calls of the others are counted: what is kept depends on the calls, not on their
// order. Adding allocates only while the table grows to its largest size so far. Not for several threads.
class call_groups {
public:
    static constexpr std::size_t groups_max = 8192;
    static constexpr std::size_t inbound_max = 8192;

    // A db or client call. Calls without a trace id are not grouped: nothing says who made them.
    void add_call(const model::observation& call);
    // An inbound request: names the parent. Of several in one trace the longest one is kept (then the one of the
    // lowest span and operation id).
    void add_inbound(const model::observation& request);

    // Ask the processor for what adding this call (as an inbound request or not) will touch, without waiting: first
    // its place in the table, and once that has arrived its entry.
    void fetch_place(const model::observation& call, bool is_inbound) const noexcept;
    void fetch_entry(const model::observation& call, bool is_inbound) const noexcept;

    // Groups of at least `calls_min`, in a fixed order (operation, trace, parent span).
    std::vector<repeated_call> list_repeated(std::uint32_t calls_min) const;

    std::size_t groups() const noexcept { return groups_.size(); }
    // Calls with a trace that are in no group.
    std::uint64_t overflowed() const noexcept;
    void clear() noexcept;
    std::size_t memory_bytes() const noexcept;

private:
    struct group {
        model::trace_id trace;
        std::uint64_t parent_span;
        std::uint64_t operation;
        std::int64_t first_start_ns;
        std::int64_t last_start_ns;
        std::int64_t duration_sum_ns;
        std::array<std::uint64_t, 2> arguments;  // One bit per hash: enough to estimate how many differ.
        std::uint32_t calls;
        std::uint32_t failed;
        bool unknown_arguments;
    };
    struct inbound {
        model::trace_id trace;
        std::uint64_t span;
        std::uint64_t operation;
        std::int64_t duration_ns;
    };

    group& find_or_add_group(const model::observation& call);
    const std::uint32_t* find_place(const model::observation& call, bool is_inbound) const noexcept;
    const inbound* find_inbound(const model::trace_id& trace) const noexcept;
    void halve_until_it_fits();

    std::vector<group> groups_;
    std::vector<std::uint32_t> group_slots_;    // Position + 1; the size is a power of two.
    std::vector<inbound> inbound_;
    std::vector<std::uint32_t> inbound_slots_;
    std::uint64_t calls_ = 0;                   // All that have a trace.
    std::uint64_t rank_limit_ = UINT64_MAX;     // Traces below it are kept.
};

}  // namespace reprise::detect
