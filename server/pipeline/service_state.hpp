#pragma once

#include "exemplars.hpp"
#include "metric_series.hpp"
#include "operation_index.hpp"
#include "overflow_routes.hpp"
#include "record_sample.hpp"

#include "reprise/detect/baseline.hpp"
#include "reprise/detect/call_groups.hpp"
#include "reprise/detect/trace_sample.hpp"
#include "reprise/detect/window.hpp"
#include "reprise/pipeline/close_order.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/detection_book.hpp"
#include "reprise/pipeline/moment.hpp"
#include "reprise/pipeline/segment_hold.hpp"
#include "reprise/pipeline/shard.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

constexpr std::size_t window_versions_max = 8;  // Of one service in one window; more are not noticed.

// One operation of a service, kept as long as the service.
struct operation_entry {
    model::operation_key key;
    std::uint64_t id = 0;
    bool overflow = false;
    detect::baseline baseline;
};

// An operation's share of one open window.
struct operation_slot {
    explicit operation_slot(model::operation_kind kind) : window(kind) {}

    detect::operation_window window;
    operation_exemplars exemplars;
};

struct open_window {
    std::int64_t start_ns = 0;
    std::int64_t slow_query_ns = 0;  // As it was set when the window opened: for slow_traces.
    std::vector<std::unique_ptr<operation_slot>> slots;  // By operation; null until it was seen.
    std::size_t operations = 0;                          // Slots with a record of this window.
    exemplar_counts counts;                              // What each of them may keep.
    detect::call_groups calls;
    // Traces with a failed or throttled dependency call, and with a slow statement: the requests of
    // these traces are no control.
    detect::trace_sample failing_traces;
    detect::trace_sample slow_traces;
    record_sample inbound;
    std::vector<seen_version> versions;
    std::uint64_t records = 0;
    std::vector<shared_hold> holds;  // Journal segments its records lie in: few, the newest last.

    void keep(const shared_hold& hold)
    {
        if (hold && (holds.empty() || holds.back() != hold))
            holds.push_back(hold);
    }
};

// One service's windows and memory. Not for several threads.
class service_state {
public:
    // `detection` outlives it; null: nothing is set for any service.
    service_state(std::string name, const stream_limits& limits, const detection_book* detection = nullptr);

    // The place of an operation, made on first sight; beyond the limit that of the overflow.
    operation_place find_or_add(const model::operation_view& operation, std::uint64_t id);
    void restore_baseline(const model::operation_key& operation, std::string_view encoded);

    // Windows up to here are committed; records of them are late.
    void restore_closed(std::int64_t through_ns);

    // False when the window of this call was closed already.
    bool add(
        const operation_place& to, const model::observation& call, std::string_view bytes, const moment& now,
        const shared_hold& hold
    );

    // A record that was added came from this version.
    void note_version(std::string_view version, std::int64_t start_ns);
    // Records of this operation were added to its overflow slot.
    void note_overflow(const model::operation_view& operation, std::uint64_t records)
    {
        overflow_.add(operation, records);
    }

    // The same for calls that a metric counted together: no exemplars, no traces.
    bool add(
        std::uint32_t slot, const model::measured_calls& point, const series_growth& growth, const moment& now,
        const shared_hold& hold = {}
    );

    // Ask the processor for the memory that add() will touch, one step after the other, with some records between
    // them: the operation, then the tables it points to, then the entries in them.
    void fetch_operation(const operation_place& of, const model::observation& call) const noexcept;
    void fetch_tables(const operation_place& of, const model::observation& call) const noexcept;
    void fetch_entries(const operation_place& of, const model::observation& call) const noexcept;

    // Appends what the records themselves have ended, oldest first.
    void close_passed(std::vector<closed_window>& closed);
    // What the clock would end now; nothing when no window is due.
    std::optional<close_order> find_idle(const moment& now) const;
    void close_through(std::int64_t through_ns, const shared_hold& hold, std::vector<closed_window>& closed);
    void close_all(std::vector<closed_window>& closed);

    const std::string& name() const noexcept { return name_; }
    std::size_t operations() const noexcept { return operations_.size(); }
    std::int64_t window_of(std::int64_t start_ns) const noexcept;  // Its start.
    bool is_closed(std::int64_t start_ns) const noexcept { return start_ns < closed_until_ns_; }

private:
    operation_place find_or_add_overflow(const model::operation_view& operation);
    operation_place add_operation(const model::operation_view& operation, std::uint64_t id, bool overflow);
    open_window& open(std::int64_t start_ns);
    open_window& find_or_open(std::int64_t time_ns);
    operation_slot& enter(open_window& window, std::uint32_t slot);
    open_window* find_window_of(std::int64_t time_ns) const noexcept;
    operation_slot* find_slot_of(const operation_place& of, const open_window* window) const noexcept;
    void note(open_window& window, const operation_place& to, const model::observation& call, std::string_view bytes);
    void note_exemplar(
        open_window& window, operation_slot& entry, const operation_place& to, const model::observation& call,
        std::string_view bytes
    );
    // The limits with what is set for this service now.
    detect::detection_limits detection_now() const;
    closed_window close_oldest();
    std::vector<std::uint32_t> fill_summaries(const open_window& window, closed_window& closed) const;
    void find_signals(
        const open_window& window, closed_window& closed, const std::vector<std::uint32_t>& slots,
        const detect::detection_limits& limits
    );

    std::string name_;
    stream_limits limits_;
    const detection_book* detection_;
    std::vector<operation_entry> operations_;
    operation_index index_;
    std::vector<std::unique_ptr<open_window>> open_;  // By start, oldest first.
    record_sample earlier_inbound_;                   // Of the window that ended when the oldest open one began ...
    std::int64_t earlier_end_ns_ = INT64_MIN;         // ... that is, at this time.
    overflow_routes overflow_;
    std::int64_t closed_until_ns_ = INT64_MIN;
    std::int64_t watermark_ns_ = INT64_MIN;
    moment last_arrival_{0};
    std::uint64_t late_ = 0;
};

}  // namespace reprise::pipeline
