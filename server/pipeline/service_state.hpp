#pragma once

#include "exemplars.hpp"
#include "inbound_ring.hpp"

#include "reprise/detect/baseline.hpp"
#include "reprise/detect/call_groups.hpp"
#include "reprise/detect/window.hpp"
#include "reprise/pipeline/closed_window.hpp"
#include "reprise/pipeline/shard.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace reprise::pipeline {

constexpr std::size_t flagged_traces_max = 4096;  // Per window.

// One operation of a service, kept as long as the service.
struct operation_entry {
    model::operation_key key;
    std::uint64_t id = 0;
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
    std::vector<std::unique_ptr<operation_slot>> slots;  // By operation; null until it was seen.
    detect::call_groups calls;
    // Traces with a failed or throttled dependency call, and with a slow statement: the requests of
    // these traces are no control.
    std::unordered_set<std::uint64_t> failing_traces;
    std::unordered_set<std::uint64_t> slow_traces;
    std::uint64_t records = 0;
};

// One service's windows and memory. Not for several threads.
class service_state {
public:
    service_state(std::string name, const stream_limits& limits);

    // The slot of an operation, made on first sight; beyond the limit the overflow slot.
    std::uint32_t find_or_add(const model::operation_view& operation, std::uint64_t id);
    void restore_baseline(const model::operation_key& operation, std::string_view encoded);

    // False when the window of this call was closed already.
    bool add(std::uint32_t slot, const model::observation& call, std::string_view bytes, std::int64_t now_ns);

    // Appends what is due, oldest first.
    void close_due(std::int64_t now_ns, std::vector<closed_window>& closed);
    void close_all(std::vector<closed_window>& closed);

    const std::string& name() const noexcept { return name_; }
    std::size_t operations() const noexcept { return operations_.size(); }
    bool is_overflow(std::uint32_t slot) const noexcept { return slot == overflow_slot_; }

private:
    open_window* find_or_open(std::int64_t start_ns);
    void note(open_window& window, std::uint32_t slot, const model::observation& call, std::string_view bytes);
    closed_window close_oldest();
    void fill_summaries(const open_window& window, closed_window& closed, std::vector<std::uint32_t>& slots) const;
    void recycle(std::unique_ptr<open_window> window);

    std::string name_;
    stream_limits limits_;
    std::vector<operation_entry> operations_;
    std::unordered_map<std::uint64_t, std::uint32_t> index_;
    std::uint32_t overflow_slot_ = UINT32_MAX;
    std::vector<std::unique_ptr<open_window>> open_;  // By start, oldest first.
    std::vector<std::unique_ptr<open_window>> spare_; // Memory of closed ones.
    inbound_ring inbound_;
    std::int64_t closed_until_ns_ = INT64_MIN;
    std::int64_t watermark_ns_ = INT64_MIN;
    std::int64_t last_arrival_ns_ = 0;
    std::uint64_t late_ = 0;
};

}  // namespace reprise::pipeline
