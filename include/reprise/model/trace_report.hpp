#pragma once

#include "reprise/model/signal.hpp"
#include "reprise/model/trace.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What the analyses say about one trace. Plain values; spans are named by their index in trace::spans as the report
// was made (spans sorted by start, then id; duplicates removed). JSON has the same names; times are nanoseconds
// there, too, and relative to started_at.
namespace reprise::model {

enum class trace_pattern : std::uint8_t { none, fanout, chain, retry, dag, react, human, rag, stream };
constexpr std::size_t trace_pattern_count = 9;

// Where a trace's time went, along its critical path; the sum is the trace's wall time.
enum class time_class : std::uint8_t {
    waiting_human, waiting_queue, waiting_backoff, waiting_tool, io, compute, untracked,
};
constexpr std::size_t time_class_count = 7;

constexpr std::uint32_t no_span = UINT32_MAX;

// Lists in a report are cut at this length; the count beside each says how many there were.
constexpr std::size_t report_rows_max = 200;

// A stretch of the critical path in which the trace waited for nothing but this span itself.
struct path_part {
    std::uint32_t span = no_span;
    std::int64_t start_ns = 0;  // Relative to the trace.
    std::int64_t end_ns = 0;
    time_class spent = time_class::compute;
};

// One span that ran beside others under one parent.
struct branch {
    std::uint32_t span = no_span;
    std::int64_t queue_ns = 0;    // From when it could have started to its start.
    std::int64_t service_ns = 0;  // Its own duration.
    std::int64_t slack_ns = 0;    // How much longer it could have taken without delaying what waits for all.
};

struct straggler {
    std::uint32_t span = no_span;      // The member, worker:37.
    std::uint32_t tool_span = no_span; // The call in it that took long, if there is one.
    std::int64_t duration_ns = 0;
    std::int64_t limit_ns = 0;         // Longer than this is a straggler.
    std::int64_t delay_ns = 0;         // Its end less the second-latest one; else what it held the others up.
    double parent_share = 0;           // delay_ns of the parent's duration.
};

// Siblings of one parent that ran at the same time.
struct fanout {
    std::uint32_t parent = no_span;
    std::uint32_t members = 0;
    std::uint32_t peak = 0;            // Most of them at once.
    std::int32_t limit = -1;           // What the parent says it allows; -1: nothing.
    std::uint32_t waves = 0;           // members / peak, rounded up.
    std::int64_t median_ns = 0;
    std::int64_t longest_ns = 0;
    std::int64_t queue_ns = 0;         // Sum over members.
    std::int64_t queue_longest_ns = 0;
    std::int64_t join_ns = 0;          // From the median end to the last one.
    std::optional<straggler> slow;
    std::uint32_t join = no_span;      // The sibling that began when all had ended (dag): the aggregator.
    std::vector<branch> branches;      // By start; the slowest is among them even when cut.
};

// Siblings that followed each other.
struct chain {
    std::uint32_t parent = no_span;
    std::uint32_t depth = 0;
    std::int64_t total_ns = 0;
    double path_share = 0;             // Of the trace's wall time.
    double largest_share = 0;          // The longest link's of total_ns.
    std::uint32_t largest = no_span;
};

struct attempt {
    std::uint32_t span = no_span;
    std::int64_t gap_ns = 0;           // Since the attempt before ended.
    std::int64_t backoff_ns = -1;      // What was planned, where the span says or the gap fits; -1: unknown.
    bool failed = false;
};

struct retry_sequence {
    std::uint32_t parent = no_span;
    std::vector<attempt> attempts;
    bool exhausted = false;            // The last attempt failed, too.
    bool ambiguous = false;            // Another way to pair the attempts fits within 5 ms.
    std::uint32_t origin = no_span;    // The failure that began it.
    std::string reason;                // "503", "timeout", ...
};

struct retries {
    std::uint32_t calls = 0;           // All attempts of operations that were retried ...
    std::uint32_t tasks = 0;           // ... and the first ones among them.
    double amplification = 1;          // calls / tasks.
    std::uint32_t sequence_count = 0;  // Tasks that took more than one attempt.
    std::uint32_t exhausted_count = 0;
    std::uint32_t attempts_most = 0;
    std::int64_t backoff_ns = 0;       // Sum of the gaps.
    std::vector<retry_sequence> sequences;
};

struct agent_step {
    std::int32_t step = -1;
    std::int64_t think_ns = 0;
    std::int64_t tool_ns = 0;          // Every tool call once.
    std::uint32_t span = no_span;      // The act, or the thought of a step without one.
};

struct agent_run {
    std::uint32_t span = no_span;      // The agent's.
    std::uint32_t step_count = 0;
    std::int64_t think_ns = 0;
    std::int64_t tool_ns = 0;
    std::uint32_t repeats = 0;         // The most calls of one tool with the same arguments, one after another.
    std::uint32_t repeated = no_span;  // The first of them.
    std::vector<agent_step> steps;
};

struct human_wait {
    std::uint32_t waits = 0;
    std::int64_t waited_ns = 0;
    std::int64_t processing_ns = 0;    // The rest of the trace.
    std::uint32_t longest = no_span;
};

struct oversized {
    std::uint32_t span = no_span;
    std::string key;
    std::uint32_t bytes = 0;
};

struct retrieval {
    double payload_kb = 0;
    std::int64_t retrieval_ns = 0;
    std::int64_t generation_ns = 0;
    std::uint32_t generation = no_span;
};

struct token_stream {
    std::uint32_t span = no_span;
    std::int64_t first_token_ns = -1;  // After the stream's start; -1: not said.
    std::int64_t tokens = -1;
    std::int64_t largest_gap_ns = -1;
    std::int64_t median_gap_ns = -1;   // Between tokens; the mean of all but the largest where only some came.
    double rate_during = -1;           // Tokens per second while background work ran ...
    double rate_after = -1;            // ... and once it had ended.
    std::int64_t background_start_ns = -1;  // Relative to the trace.
    std::int64_t background_end_ns = -1;
    std::int64_t tail_ns = -1;         // From the last token to the end of the stream.
    std::uint32_t background_failures = 0;
    std::vector<std::int64_t> token_ns; // Relative to the trace; a sample when there were more.
};

struct recommendation {
    std::string title;
    std::string reason;
    std::string change;                // What to do, concretely.
};

// Something in one trace that a person should look at. A signal needs more than one trace to show it, or a clear case.
struct trace_finding {
    signal_kind kind = signal_kind::fanout_straggler;
    std::uint32_t span = no_span;      // Where it is.
    std::string agent;                 // Whose it is: ati.agent.id, else the span's name.
    std::string service;
    double observed = 0;               // What the replay must show again, in `unit` ...
    double expected = 0;               // ... and what would be right.
    std::string unit;
    double confidence = 0;             // 0 .. 1.
    std::string explanation;
    recommendation advice;
};

struct trace_report {
    trace_id id;
    std::string service;               // Of the root, else of the earliest span.
    operation_key operation;           // Of it.
    std::string agent;                 // The root agent's, empty when there is none.
    std::int64_t started_ns = 0;
    std::int64_t wall_ns = 0;
    trace_pattern pattern = trace_pattern::none;

    std::uint32_t span_count = 0;
    std::uint32_t failed_count = 0;
    std::uint32_t origin_count = 0;    // Failures with no failure below them.
    std::uint32_t first_origin = no_span;
    std::uint32_t service_count = 0;
    std::uint32_t depth = 0;
    std::uint32_t root = no_span;

    // What was not as it should be; all zero for a good trace.
    bool truncated = false;
    bool has_root = true;
    std::uint32_t roots_extra = 0;
    std::uint32_t parents_missing = 0; // Spans whose parent did not come; they hang below the root.
    std::uint32_t duplicates = 0;
    std::uint32_t cycles = 0;          // Spans that were their own ancestors.
    std::uint32_t negative = 0;        // Ended before they began.
    std::uint32_t clamped = 0;         // Reach beyond their parent, and are cut to it for the path.
    std::int64_t skew_ns = 0;          // The most that one service's clock was set right by.

    std::array<std::int64_t, time_class_count> times = {};
    std::uint32_t path_count = 0;
    std::vector<path_part> path;       // From the start to the end; the longest parts, when cut.
    std::uint32_t fanout_count = 0;
    std::vector<fanout> fanouts;       // The widest first.
    std::uint32_t chain_count = 0;
    std::vector<chain> chains;         // The longest first.
    std::optional<retries> retried;
    std::optional<agent_run> agents;
    std::optional<human_wait> human;
    std::optional<retrieval> rag;
    std::optional<token_stream> stream;
    std::uint32_t oversized_count = 0;
    std::vector<oversized> large;
    std::vector<trace_finding> findings;
};

boost::json::object to_json(const trace_report& report);

std::string_view to_text(trace_pattern value) noexcept;
std::string_view to_text(time_class value) noexcept;
std::optional<trace_pattern> find_trace_pattern(std::string_view text) noexcept;

}  // namespace reprise::model
