#include "span_tree.hpp"

#include "span_order.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>

namespace reprise::detect {
namespace {

using model::no_span;

constexpr std::size_t form_bytes_max = 120;

// Of the service and the name with every run of digits made one sign: branch 7 does what branch 8 does.
std::uint64_t form_of(const model::trace_span& span) noexcept
{
    std::array<char, form_bytes_max> text;
    std::size_t size = 0;
    bool in_number = false;
    for (const char c : span.name) {
        const bool is_digit = c >= '0' && c <= '9';
        if (!(is_digit && in_number))
            text[size++] = is_digit ? '#' : c;
        in_number = is_digit;
        if (size == text.size())
            break;
    }
    const auto sort = static_cast<std::uint64_t>(span.role) << 8 | static_cast<std::uint64_t>(span.kind);
    return hash64({text.data(), size}, hash64(span.service, sort));
}

bool same_text(std::string_view a, std::string_view b) noexcept
{
    return a.data() == b.data() && a.size() == b.size();
}

}  // namespace

span_tree::span_tree(model::trace& trace) : trace_(&trace)
{
    span_order in_order(trace);
    repaired_.duplicates = in_order.duplicates();
    nodes_.resize(trace.spans.size());
    fill_nodes();
    for (std::uint32_t span = 0; span < size(); ++span) {
        const std::uint64_t parent = trace.spans[span].parent;
        if (parent == 0)
            continue;
        nodes_[span].parent = in_order.find(parent);
        repaired_.parents_missing += nodes_[span].parent == no_span;
    }
    break_cycles();
    choose_root();
    list_children();
    order();
    align_clocks();
    measure();
    cut_to_parents();
}

std::span<const std::uint32_t> span_tree::children(std::uint32_t parent) const noexcept
{
    const std::size_t at = parent == no_span ? nodes_.size() : parent;
    return std::span(children_).subspan(first_child_[at], first_child_[at + 1] - first_child_[at]);
}

std::int64_t span_tree::start_ns(std::uint32_t span) const noexcept
{
    return span == no_span ? start_ns_ : nodes_[span].start_ns;
}

std::int64_t span_tree::end_ns(std::uint32_t span) const noexcept
{
    return span == no_span ? end_ns_ : nodes_[span].end_ns;
}

std::int64_t span_tree::path_start_ns(std::uint32_t span) const noexcept
{
    return span == no_span ? start_ns_ : nodes_[span].path_start_ns;
}

std::int64_t span_tree::path_end_ns(std::uint32_t span) const noexcept
{
    return span == no_span ? end_ns_ : nodes_[span].path_end_ns;
}

bool span_tree::is_below(std::uint32_t span, std::uint32_t ancestor) const noexcept
{
    if (ancestor == no_span)
        return span != no_span;
    if (span == no_span)
        return false;
    const std::uint32_t place = nodes_[span].place;
    return place > nodes_[ancestor].place && place - nodes_[ancestor].place <= nodes_[ancestor].below;
}

void span_tree::fill_nodes()
{
    for (std::uint32_t span = 0; span < size(); ++span) {
        const model::trace_span& sent = trace_->spans[span];
        node& mine = nodes_[span];
        mine.start_ns = std::clamp(sent.start_ns, -time_ns_max, time_ns_max);
        mine.end_ns = std::clamp(sent.end_ns, mine.start_ns, time_ns_max);
        repaired_.negative += sent.end_ns < sent.start_ns;
        // Spans of one form often follow each other and share their texts.
        const model::trace_span* before = span > 0 ? &trace_->spans[span - 1] : nullptr;
        const bool is_same = before != nullptr && same_text(before->name, sent.name)
                             && same_text(before->service, sent.service) && before->role == sent.role
                             && before->kind == sent.kind;
        mine.form = is_same ? nodes_[span - 1].form : form_of(sent);
    }
}

// Counts the spans of the cycle and lets go of the earliest one's parent.
std::uint32_t span_tree::cut_cycle(std::uint32_t member)
{
    std::uint32_t earliest = member;
    std::uint32_t length = 0;
    std::uint32_t at = member;
    do {
        earliest = std::min(earliest, at);
        at = nodes_[at].parent;
        ++length;
    } while (at != member);
    nodes_[earliest].parent = no_span;
    return length;
}

void span_tree::break_cycles()
{
    // Which walk came by: walks are numbered from 1 by the span they began at.
    std::vector<std::uint32_t> walk_of(nodes_.size(), 0);
    for (std::uint32_t first = 0; first < size(); ++first) {
        std::uint32_t at = first;
        while (at != no_span && walk_of[at] == 0) {
            walk_of[at] = first + 1;
            at = nodes_[at].parent;
        }
        if (at != no_span && walk_of[at] == first + 1)
            repaired_.cycles += cut_cycle(at);
    }
}

void span_tree::choose_root()
{
    std::uint32_t roots = 0;
    for (std::uint32_t span = 0; span < size(); ++span) {
        if (trace_->spans[span].parent != 0)
            continue;
        if (roots++ == 0)
            root_ = span;
    }
    if (root_ == no_span)
        return;
    repaired_.roots_extra = roots - 1;
    for (std::uint32_t span = 0; span < size(); ++span) {
        if (span != root_ && nodes_[span].parent == no_span)
            nodes_[span].parent = root_;
    }
}

void span_tree::list_children()
{
    const std::size_t top = nodes_.size();
    const auto place_of = [&](std::uint32_t span) {
        return nodes_[span].parent == no_span ? top : nodes_[span].parent;
    };
    first_child_.assign(top + 2, 0);
    for (std::uint32_t span = 0; span < size(); ++span)
        ++first_child_[place_of(span) + 1];
    for (std::size_t at = 1; at < first_child_.size(); ++at)
        first_child_[at] += first_child_[at - 1];
    children_.resize(nodes_.size());
    std::vector<std::uint32_t> next(first_child_.begin(), first_child_.end() - 1);
    for (std::uint32_t span = 0; span < size(); ++span)
        children_[next[place_of(span)]++] = span;
}

void span_tree::order()
{
    order_.clear();
    order_.reserve(nodes_.size());
    const auto top = children(no_span);
    std::vector<std::uint32_t> open(top.rbegin(), top.rend());
    while (!open.empty()) {
        const std::uint32_t span = open.back();
        open.pop_back();
        node& mine = nodes_[span];
        mine.place = static_cast<std::uint32_t>(order_.size());
        mine.below = 0;
        mine.depth = mine.parent == no_span ? 1 : nodes_[mine.parent].depth + 1;
        order_.push_back(span);
        const auto below = children(span);
        open.insert(open.end(), below.rbegin(), below.rend());
    }
    assert(order_.size() == nodes_.size());
    for (auto at = order_.rbegin(); at != order_.rend(); ++at) {
        if (const std::uint32_t parent = nodes_[*at].parent; parent != no_span)
            nodes_[parent].below += nodes_[*at].below + 1;
    }
}

// How much later the clock of the span's service must say it is, for the call to lie within its caller. A message may
// well be worked on after its sender has gone on.
std::int64_t span_tree::skew_of(std::uint32_t span) const noexcept
{
    const node& mine = nodes_[span];
    const node& above = nodes_[mine.parent];
    const bool is_message = trace_->spans[span].kind == model::operation_kind::messaging;
    if (is_message && mine.start_ns >= above.start_ns)
        return 0;
    if (mine.start_ns >= above.start_ns && mine.end_ns <= above.end_ns)
        return 0;
    const std::int64_t room_ns = (above.end_ns - above.start_ns) - (mine.end_ns - mine.start_ns);
    if (room_ns < 0)
        return std::max<std::int64_t>(0, above.start_ns - mine.start_ns);
    return above.start_ns + room_ns / 2 - mine.start_ns;
}

void span_tree::align_clocks()
{
    std::vector<std::int64_t> skews(nodes_.size(), 0);
    bool has_moved = false;
    for (const std::uint32_t span : order_) {
        node& mine = nodes_[span];
        if (mine.parent == no_span || trace_->spans[span].parent != trace_->spans[mine.parent].id)
            continue;
        const std::string_view service = trace_->spans[span].service;
        const std::string_view caller = trace_->spans[mine.parent].service;
        if (same_text(service, caller) || service == caller) {
            skews[span] = skews[mine.parent];
        } else {
            skews[span] = skew_of(span);
            repaired_.skew_ns = std::max(repaired_.skew_ns, std::abs(skews[span]));
        }
        if (skews[span] == 0)
            continue;
        has_moved = true;
        mine.start_ns = std::clamp(mine.start_ns + skews[span], -time_ns_max, time_ns_max);
        mine.end_ns = std::clamp(mine.end_ns + skews[span], -time_ns_max, time_ns_max);
    }
    if (!has_moved)
        return;
    for (std::size_t at = 0; at + 1 < first_child_.size(); ++at) {
        std::sort(
            children_.begin() + first_child_[at], children_.begin() + first_child_[at + 1],
            [&](std::uint32_t a, std::uint32_t b) {
                return nodes_[a].start_ns != nodes_[b].start_ns ? nodes_[a].start_ns < nodes_[b].start_ns : a < b;
            }
        );
    }
    order();
}

void span_tree::measure()
{
    const auto top = children(no_span);
    if (top.empty())
        return;
    start_ns_ = nodes_[top.front()].start_ns;
    end_ns_ = nodes_[top.front()].end_ns;
    for (const std::uint32_t span : top)
        end_ns_ = std::max(end_ns_, nodes_[span].end_ns);
}

void span_tree::cut_to_parents()
{
    for (const std::uint32_t span : order_) {
        node& mine = nodes_[span];
        mine.path_start_ns = std::clamp(mine.start_ns, path_start_ns(mine.parent), path_end_ns(mine.parent));
        mine.path_end_ns = std::clamp(mine.end_ns, path_start_ns(mine.parent), path_end_ns(mine.parent));
        repaired_.clamped += mine.path_start_ns != mine.start_ns || mine.path_end_ns != mine.end_ns;
    }
}

}  // namespace reprise::detect
