#pragma once

#include "reprise/model/trace_summary.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Traces that were analysed: a row for each, the report and the spans of some.
namespace reprise::store {

struct stored_trace {
    model::trace_summary summary;
    std::string report;  // JSON of model::trace_report; empty where only the row is kept.
    std::string spans;   // JSON array of its spans, redacted (docs/formats/trace.md); empty where they are not kept.
};

struct trace_filter {
    std::string service;                        // Empty: any.
    std::string agent;                          // Empty: any.
    std::optional<model::trace_pattern> pattern;
    std::optional<model::signal_kind> finding;
    std::int64_t wall_ns_min = 0;
    bool is_opened = false;                     // Only those whose spans are kept.
    std::int64_t after_started_ns = 0;          // Cursor: the last of the page before; 0: from the newest.
    std::string after_id;
    std::size_t limit = 50;
};

struct trace_group {
    std::string service;
    std::string agent;
    model::trace_pattern pattern = model::trace_pattern::none;
    std::uint64_t traces = 0;
    std::int64_t last_started_ns = 0;
};

constexpr std::size_t traces_listed_max = 500;
constexpr std::int64_t traces_kept_max = 50'000;        // Rows; the oldest go.
constexpr std::int64_t trace_spans_kept_max = 2'000;    // With report and spans.
constexpr std::int64_t trace_bytes_kept_max = std::int64_t{512} * 1024 * 1024;  // Of reports and spans together.
constexpr std::size_t trace_groups_max = 200;
constexpr std::size_t trace_text_bytes_max = 4 * 1024 * 1024;  // Of one report, of one trace's spans.

struct trace_retention {
    std::int64_t rows_max = traces_kept_max;
    std::int64_t opened_max = trace_spans_kept_max;
    std::int64_t bytes_max = trace_bytes_kept_max;
};

// Replaces what is known of the same trace; has_spans is what `spans` is. errc::too_large: report or spans are longer
// than trace_text_bytes_max.
result<void> save_trace(transaction& tx, const stored_trace& trace, std::int64_t now_ns);
// The live event of a service whose traces are newer than what readers saw: topic and type "traces", the service as id.
// How often is the caller's measure: one a second says as much as one for each trace.
result<void> announce_traces(transaction& tx, std::string_view service, std::int64_t now_ns);
// Of how many spans what is kept of the trace was made; 0: nothing is kept.
result<std::uint32_t> count_trace_spans(const reader& from, const model::trace_id& id);
// More of it came too late. An unknown trace: nothing changes.
result<void> mark_trace_incomplete(transaction& tx, const model::trace_id& id);
// Removes what is beyond the limits: of at most `rows_max` traces the texts, of at most as many the row; how many went.
result<std::size_t> prune_traces(transaction& tx, std::size_t rows_max, const trace_retention& keep = {});

result<std::optional<stored_trace>> find_trace(const reader& from, const model::trace_id& id);
// Newest first.
result<std::vector<model::trace_summary>> list_traces(const reader& from, const trace_filter& filter);
// What there is to make pattern reports of, the most recent first.
result<std::vector<trace_group>> list_trace_groups(const reader& from, std::string_view service);

}  // namespace reprise::store
