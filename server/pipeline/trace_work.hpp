#pragma once

#include "reprise/detect/trace_analysis.hpp"
#include "reprise/detect/trace_series.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/committer.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/trace_assembler.hpp"
#include "reprise/pipeline/trace_choice.hpp"
#include "reprise/store/traces.hpp"

#include <cstdint>
#include <vector>

namespace reprise::pipeline {

// What one trace leaves behind.
struct analysed_trace {
    store::stored_trace kept;
    bool keeps_row = false;
    std::vector<found_signal> found;
};

struct analysed_traces {
    std::vector<analysed_trace> traces;  // By start, then id.
    std::uint64_t spans = 0;
    std::uint64_t unreadable_spans = 0;
    std::uint64_t rows_left_out = 0;
};

// Reads and analyses traces, and says what is kept of them. No I/O; about 2 us per span, more of those that are kept
// with their spans. One caller at a time, on any thread.
class trace_desk {
public:
    // `config` and what people set for single services (null: nothing) must outlive it.
    trace_desk(
        const committer_config& config, const trace_keeping& keeping, const detection_book* detection = nullptr
    )
        : config_(config), detection_(detection), chooser_(keeping)
    {
    }

    analysed_traces analyse(std::vector<assembled_trace> traces, std::int64_t now_ns);

private:
    struct reading;

    void finish(reading& one, std::int64_t now_ns, analysed_traces& out);
    std::string write_spans(const reading& one) const;

    bool is_wanted(const model::signal& signal) const;

    const committer_config& config_;
    const detection_book* detection_;
    trace_chooser chooser_;
    detect::trace_series series_;
};

}  // namespace reprise::pipeline
