#pragma once

#include "reprise/model/trace.hpp"
#include "reprise/model/trace_report.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace reprise::detect {

// The spans of one trace, set right: sorted by (start, id), each id once, every span below one other, no cycles,
// service clocks aligned, no span shorter than nothing. Spans are named by their index in trace::spans, which is
// sorted in place. What had to be set right is counted.
//
// Where the root did not come there is no span for it: the spans whose parents are missing stand at the top, as
// children of no_span, and the wall time is from the first start to the last end of them. With a root, it alone
// stands at the top, and whatever has no parent hangs below it.
//
// Flat arrays, no recursion, linear but for the sort. Refers to the trace, which must outlive it unchanged; reading
// is safe from any thread.
class span_tree {
public:
    explicit span_tree(model::trace& trace);

    // Times are kept within this of the epoch, so that differences fit; sums of many go through sum_ns.
    static constexpr std::int64_t time_ns_max = std::numeric_limits<std::int64_t>::max() / 4;

    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(nodes_.size()); }
    const model::trace& trace() const noexcept { return *trace_; }
    const model::trace_span& operator[](std::uint32_t span) const noexcept { return trace_->spans[span]; }

    std::uint32_t root() const noexcept { return root_; }              // no_span when it did not come.
    std::int64_t start_ns() const noexcept { return start_ns_; }       // Of the whole trace.
    std::int64_t end_ns() const noexcept { return end_ns_; }
    std::int64_t wall_ns() const noexcept { return end_ns_ - start_ns_; }

    std::uint32_t parent(std::uint32_t span) const noexcept { return nodes_[span].parent; }
    std::uint32_t depth(std::uint32_t span) const noexcept { return nodes_[span].depth; }  // From 1 at the top.
    // By start, then index; no_span gives what stands at the top.
    std::span<const std::uint32_t> children(std::uint32_t parent) const noexcept;

    // After the clocks were aligned. For no_span: of the whole trace.
    std::int64_t start_ns(std::uint32_t span) const noexcept;
    std::int64_t end_ns(std::uint32_t span) const noexcept;
    std::int64_t duration_ns(std::uint32_t span) const noexcept { return end_ns(span) - start_ns(span); }
    // The same, cut to every span above it.
    std::int64_t path_start_ns(std::uint32_t span) const noexcept;
    std::int64_t path_end_ns(std::uint32_t span) const noexcept;

    // Every span, parents before their children and siblings by start. Backwards, it is the order for sums from
    // the leaves up.
    std::span<const std::uint32_t> top_down() const noexcept { return order_; }
    // The span and all below it, in that order.
    std::span<const std::uint32_t> subtree(std::uint32_t span) const noexcept
    {
        return std::span(order_).subspan(nodes_[span].place, nodes_[span].below + 1);
    }
    bool is_below(std::uint32_t span, std::uint32_t ancestor) const noexcept;

    // Equal for spans that do the same: service, name but for its digits, role and kind.
    std::uint64_t form(std::uint32_t span) const noexcept { return nodes_[span].form; }

    // What was set right; the members have the meaning of those of trace_report.
    struct repairs {
        std::uint32_t roots_extra = 0;
        std::uint32_t parents_missing = 0;
        std::uint32_t duplicates = 0;
        std::uint32_t cycles = 0;
        std::uint32_t negative = 0;
        std::uint32_t clamped = 0;
        std::int64_t skew_ns = 0;
    };
    const repairs& repaired() const noexcept { return repaired_; }

private:
    struct node {
        std::int64_t start_ns = 0;
        std::int64_t end_ns = 0;
        std::int64_t path_start_ns = 0;
        std::int64_t path_end_ns = 0;
        std::uint64_t form = 0;
        std::uint32_t parent = model::no_span;
        std::uint32_t depth = 0;
        std::uint32_t place = 0;   // In order_.
        std::uint32_t below = 0;   // Spans below it.
    };

    void fill_nodes();
    std::uint32_t cut_cycle(std::uint32_t member);
    void break_cycles();
    void choose_root();
    void list_children();
    void order();
    std::int64_t skew_of(std::uint32_t span) const noexcept;
    void align_clocks();
    void measure();
    void cut_to_parents();

    model::trace* trace_;
    std::vector<node> nodes_;
    std::vector<std::uint32_t> first_child_;  // Per span, then of the top, then the end: places in children_.
    std::vector<std::uint32_t> children_;
    std::vector<std::uint32_t> order_;
    std::uint32_t root_ = model::no_span;
    std::int64_t start_ns_ = 0;
    std::int64_t end_ns_ = 0;
    repairs repaired_;
};

// a + b, kept within what fits.
inline std::int64_t sum_ns(std::int64_t a, std::int64_t b) noexcept
{
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace reprise::detect
