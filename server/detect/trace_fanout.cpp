#include "trace_parts.hpp"

#include "straggler.hpp"
#include "trace_shapes.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace reprise::detect {
namespace {

using model::no_span;

// Children of one parent that do the same, by start.
struct group {
    std::uint32_t parent = no_span;
    std::uint64_t form = 0;
    std::vector<std::uint32_t> members;
    std::uint32_t peak = 0;
};

std::int32_t limit_of(const span_tree& tree, std::uint32_t parent)
{
    return parent == no_span || tree[parent].concurrency < 1 ? -1 : tree[parent].concurrency;
}

// Most of them at one moment. One that ends when another begins makes room for it.
std::uint32_t find_peak(const span_tree& tree, std::span<const std::uint32_t> members)
{
    std::vector<std::int64_t> ends;
    ends.reserve(members.size());
    for (const std::uint32_t member : members)
        ends.push_back(tree.end_ns(member));
    std::sort(ends.begin(), ends.end());
    std::size_t peak = 0;
    std::size_t ended = 0;
    for (std::size_t begun = 0; begun < members.size(); ++begun) {
        while (ended < ends.size() && ends[ended] <= tree.start_ns(members[begun]))
            ++ended;
        peak = std::max(peak, begun + 1 - std::min(ended, begun + 1));
    }
    return static_cast<std::uint32_t>(peak);
}

// Leaves those that ran beside another one.
void drop_lonely(const span_tree& tree, std::vector<std::uint32_t>& members)
{
    std::vector<std::uint32_t> together;
    std::int64_t busy_until_ns = std::numeric_limits<std::int64_t>::min();
    for (std::size_t at = 0; at < members.size(); ++at) {
        const bool beside_next =
            at + 1 < members.size() && tree.start_ns(members[at + 1]) < tree.end_ns(members[at]);
        if (beside_next || tree.start_ns(members[at]) < busy_until_ns)
            together.push_back(members[at]);
        busy_until_ns = std::max(busy_until_ns, tree.end_ns(members[at]));
    }
    members = std::move(together);
}

bool can_be_member(const model::trace_span& span)
{
    return !is_storing(span) && !is_human(span) && !is_repeat(span);
}

void find_groups(const span_tree& tree, std::uint32_t parent, const trace_limits& limits, std::vector<group>& found)
{
    const auto children = tree.children(parent);
    if (children.size() < limits.fanout_overlap_min)
        return;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_form;
    by_form.reserve(children.size());
    for (const std::uint32_t child : children) {
        if (can_be_member(tree[child]))
            by_form.emplace_back(tree.form(child), child);
    }
    const auto earlier_form = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (!std::is_sorted(by_form.begin(), by_form.end(), earlier_form))
        std::stable_sort(by_form.begin(), by_form.end(), earlier_form);
    for (auto first = by_form.begin(); first != by_form.end();) {
        const auto last = std::upper_bound(first, by_form.end(), *first, earlier_form);
        group one{parent, first->first, {}, 0};
        for (; first != last; ++first)
            one.members.push_back(first->second);
        one.peak = find_peak(tree, one.members);
        if (one.peak < limits.fanout_overlap_min)
            continue;
        // A stated limit says that those beyond it belong to the others, even when the last of them ran alone.
        if (limit_of(tree, parent) < 0)
            drop_lonely(tree, one.members);
        found.push_back(std::move(one));
    }
}

// How much longer each could have taken. Without a limit, until the last one ended. With one, the member that
// took over its place began when it ended, and could not have been later than its own slack.
std::vector<std::int64_t> find_slacks(const span_tree& tree, std::span<const std::uint32_t> members, std::size_t limit)
{
    std::vector<std::size_t> by_end(members.size());
    std::iota(by_end.begin(), by_end.end(), std::size_t{0});
    std::sort(by_end.begin(), by_end.end(), [&](std::size_t a, std::size_t b) {
        const std::int64_t end_a = tree.end_ns(members[a]);
        const std::int64_t end_b = tree.end_ns(members[b]);
        return end_a != end_b ? end_a < end_b : a < b;
    });
    const std::int64_t last_end_ns = tree.end_ns(members[by_end.back()]);
    std::vector<std::int64_t> slacks(members.size());
    for (std::size_t rank = members.size(); rank-- > 0;) {
        const std::size_t at = by_end[rank];
        const std::int64_t end_ns = tree.end_ns(members[at]);
        slacks[at] = last_end_ns - end_ns;
        const std::size_t next = rank + limit;
        if (limit > 0 && next < members.size() && tree.start_ns(members[next]) >= end_ns)
            slacks[at] = std::min(slacks[at], tree.start_ns(members[next]) - end_ns + slacks[next]);
    }
    return slacks;
}

std::int64_t queue_of(const span_tree& tree, std::uint32_t parent, std::uint32_t member)
{
    if (limit_of(tree, parent) < 0)
        return 0;
    return std::max<std::int64_t>(0, tree.start_ns(member) - tree.start_ns(parent));
}

model::fanout describe(const span_tree& tree, const group& one, const trace_limits& limits)
{
    model::fanout fanout;
    fanout.parent = one.parent;
    fanout.members = static_cast<std::uint32_t>(one.members.size());
    fanout.peak = one.peak;
    fanout.limit = limit_of(tree, one.parent);
    fanout.waves = (fanout.members + one.peak - 1) / one.peak;
    std::vector<std::int64_t> durations;
    std::vector<std::int64_t> ends;
    for (const std::uint32_t member : one.members) {
        durations.push_back(tree.duration_ns(member));
        ends.push_back(tree.end_ns(member));
        const std::int64_t queue_ns = queue_of(tree, one.parent, member);
        fanout.queue_ns = sum_ns(fanout.queue_ns, queue_ns);
        fanout.queue_longest_ns = std::max(fanout.queue_longest_ns, queue_ns);
    }
    fanout.longest_ns = *std::max_element(durations.begin(), durations.end());
    fanout.median_ns = median_ns(std::move(durations));
    const std::int64_t last_end_ns = *std::max_element(ends.begin(), ends.end());
    fanout.join_ns = last_end_ns - median_ns(std::move(ends));
    fanout.slow = find_straggler(tree, one.parent, one.members, one.peak, limits);
    fanout.join = find_join(tree, one.parent, one.form, last_end_ns);
    return fanout;
}

std::vector<model::branch> list_branches(const span_tree& tree, const group& one, const model::fanout& fanout)
{
    const std::size_t limit = fanout.limit < 0 ? 0 : static_cast<std::size_t>(fanout.limit);
    const std::vector<std::int64_t> slacks = find_slacks(tree, one.members, limit);
    const auto describe_branch = [&](std::size_t at) {
        const std::uint32_t member = one.members[at];
        return model::branch{member, queue_of(tree, one.parent, member), tree.duration_ns(member), slacks[at]};
    };
    std::vector<model::branch> branches;
    std::size_t slowest = 0;
    for (std::size_t at = 0; at < one.members.size(); ++at) {
        if (tree.duration_ns(one.members[at]) > tree.duration_ns(one.members[slowest]))
            slowest = at;
        if (at < model::report_rows_max)
            branches.push_back(describe_branch(at));
    }
    if (slowest >= model::report_rows_max)
        branches.back() = describe_branch(slowest);
    return branches;
}

}  // namespace

std::vector<model::fanout> find_fanouts(const span_tree& tree, const trace_limits& limits)
{
    std::vector<group> groups;
    find_groups(tree, no_span, limits, groups);
    for (std::uint32_t parent = 0; parent < tree.size(); ++parent)
        find_groups(tree, parent, limits, groups);
    std::sort(groups.begin(), groups.end(), [](const group& a, const group& b) {
        return a.members.size() != b.members.size() ? a.members.size() > b.members.size()
                                                    : a.members.front() < b.members.front();
    });
    std::vector<model::fanout> fanouts;
    fanouts.reserve(groups.size());
    for (const group& one : groups) {
        fanouts.push_back(describe(tree, one, limits));
        // Those beyond are not shown: one branch says what they are made of.
        if (fanouts.size() <= model::report_rows_max)
            fanouts.back().branches = list_branches(tree, one, fanouts.back());
        else
            fanouts.back().branches = {{one.members.front(), 0, tree.duration_ns(one.members.front()), 0}};
    }
    return fanouts;
}

}  // namespace reprise::detect
