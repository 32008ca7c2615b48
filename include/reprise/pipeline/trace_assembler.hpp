#pragma once

#include "reprise/detect/trace_sample.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/pipeline/moment.hpp"
#include "reprise/pipeline/replay_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

struct assembly_limits {
    std::size_t memory_bytes_max = 12 * 1024 * 1024;      // Of the open traces of one assembler.
    std::int64_t complete_after_ns = 2'000'000'000;       // A trace is done so long after its root came, when all of
                                                          // its parents are there.
    std::int64_t idle_after_ns = 30'000'000'000;          // Else so long after the last of its spans.
    std::uint32_t spans_max = 20'000;                     // Of one trace; further ones are left out.
    std::size_t trace_bytes_max = 4 * 1024 * 1024;        // The same for their bytes.
};

// Where a span stands in assembled_trace::bytes: the service's name, then the raw Span.
struct assembled_span {
    std::uint32_t offset = 0;
    std::uint32_t service_bytes = 0;
    std::uint32_t span_bytes = 0;
};

// All that came of one trace until it was done, in the order of arrival.
struct assembled_trace {
    model::trace_id id;
    std::string bytes;
    std::vector<assembled_span> spans;
    bool truncated = false;
    std::int64_t arrived_ns = 0;  // The last span, by the wall clock.

    std::string_view service_of(const assembled_span& one) const
    {
        return std::string_view(bytes).substr(one.offset, one.service_bytes);
    }
    std::string_view span_of(const assembled_span& one) const
    {
        return std::string_view(bytes).substr(one.offset + one.service_bytes, one.span_bytes);
    }
};

// What became of spans and traces. Grows only.
struct assembly_counts {
    std::uint64_t completed = 0;        // Traces done.
    std::uint64_t late_spans = 0;       // Of a trace that was done already.
    std::uint64_t truncated_spans = 0;  // Beyond what is kept of one trace.
    std::uint64_t dropped_spans = 0;    // No memory: of traces that were not let in, or let go.
    std::uint64_t dropped_traces = 0;   // Let go, or not let in.
};

// Puts the spans of some traces together: plain state, no clock, no I/O. One caller at a time.
//
// When memory is full, whole traces are left out: half of those that are still let in, by rank, so that whatever is
// kept is kept whole, and every machine keeps the same. When there is room again, twice as many are let in.
class trace_assembler {
public:
    explicit trace_assembler(const assembly_limits& limits);
    ~trace_assembler();
    trace_assembler(trace_assembler&&) noexcept;
    trace_assembler& operator=(trace_assembler&&) noexcept;

    // Adds the spans of traces for which is_mine(rank) holds; `batch` is an ExportTraceServiceRequest. Spans of replays
    // are left out. Copies what it keeps, and allocates nothing once as much was open before.
    template <class IsMine>
    void add(
        const model::observation_batch& batch, const replay_filter& replays, const moment& now, IsMine is_mine
    )
    {
        for (const model::observation& call : batch.observations) {
            if (!call.trace)
                continue;
            const std::uint64_t rank = detect::trace_rank(call.trace);
            if (is_mine(rank) && !replays.is_replay(call))
                add_span(batch, call, rank, now);
        }
    }

    // Those that are done.
    std::vector<assembled_trace> close_due(const moment& now);
    // Every open trace, for the end of the input.
    std::vector<assembled_trace> close_all();
    // Traces that were done when more of their spans came, since the last call; at most late_listed_max.
    std::vector<model::trace_id> take_late();
    static constexpr std::size_t late_listed_max = 256;

    const assembly_counts& counts() const noexcept;
    std::size_t open() const noexcept;
    std::size_t memory_bytes() const noexcept;
    // Traces of this rank and above are not let in; the largest number when all are.
    std::uint64_t admitted_rank() const noexcept;

private:
    struct state;

    void add_span(
        const model::observation_batch& batch, const model::observation& call, std::uint64_t rank, const moment& now
    );

    std::unique_ptr<state> state_;
};

}  // namespace reprise::pipeline
