#include "trace_parts.hpp"

#include "straggler.hpp"
#include "trace_shapes.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

bool can_be_link(const model::trace_span& span)
{
    const bool is_work =
        span.role == span_role::step || span.role == span_role::worker || span.role == span_role::tool;
    return is_work && !is_repeat(span);
}

// Which spans the path goes through.
std::vector<bool> mark_path(const span_tree& tree, std::span<const model::path_part> path)
{
    std::vector<bool> is_on_path(tree.size(), false);
    for (const model::path_part& part : path) {
        for (std::uint32_t span = part.span; span != no_span && !is_on_path[span]; span = tree.parent(span))
            is_on_path[span] = true;
    }
    return is_on_path;
}

class chain_search {
public:
    chain_search(const span_tree& tree, std::span<const model::path_part> path, const trace_limits& limits)
        : tree_(tree), limits_(limits), is_on_path_(mark_path(tree, path))
    {
    }

    void look_below(std::uint32_t parent)
    {
        const auto children = tree_.children(parent);
        if (children.size() < limits_.chain_links_min)
            return;
        std::vector<std::pair<std::uint64_t, std::uint32_t>> by_form;
        for (const std::uint32_t child : children) {
            if (can_be_link(tree_[child]))
                by_form.emplace_back(tree_.form(child), child);
        }
        if (by_form.size() < limits_.chain_links_min || is_thinking_and_acting(tree_, parent))
            return;
        std::stable_sort(
            by_form.begin(), by_form.end(), [](const auto& a, const auto& b) { return a.first < b.first; }
        );
        for (auto first = by_form.begin(); first != by_form.end();) {
            const auto last =
                std::find_if(first, by_form.end(), [&](const auto& one) { return one.first != first->first; });
            follow(parent, std::span(first, last));
            first = last;
        }
    }

    std::vector<model::chain> result()
    {
        std::sort(found_.begin(), found_.end(), [](const model::chain& a, const model::chain& b) {
            return a.total_ns != b.total_ns ? a.total_ns > b.total_ns : a.largest < b.largest;
        });
        return std::move(found_);
    }

private:
    // Siblings of one form, by start: those that ran beside another one end a chain.
    void follow(std::uint32_t parent, std::span<const std::pair<std::uint64_t, std::uint32_t>> siblings)
    {
        std::vector<std::uint32_t> links;
        std::int64_t busy_until_ns = std::numeric_limits<std::int64_t>::min();
        for (const auto& [form, child] : siblings) {
            if (tree_.start_ns(child) < busy_until_ns)
                take(parent, links);
            busy_until_ns = std::max(busy_until_ns, tree_.end_ns(child));
            // What failed and was tried again is one link, at its last attempt.
            if (!links.empty() && tree_[links.back()].failed && is_same_call(tree_, links.back(), child))
                links.back() = child;
            else
                links.push_back(child);
        }
        take(parent, links);
    }

    void take(std::uint32_t parent, std::vector<std::uint32_t>& taken)
    {
        const std::vector<std::uint32_t> links = std::exchange(taken, {});
        if (links.size() < limits_.chain_links_min || tree_.wall_ns() == 0)
            return;
        model::chain chain;
        chain.parent = parent;
        chain.depth = static_cast<std::uint32_t>(links.size());
        std::vector<std::int64_t> durations;
        std::int64_t on_path_ns = 0;
        std::int64_t largest_ns = -1;
        for (const std::uint32_t link : links) {
            durations.push_back(tree_.duration_ns(link));
            chain.total_ns = sum_ns(chain.total_ns, durations.back());
            if (is_on_path_[link])
                on_path_ns += tree_.path_end_ns(link) - tree_.path_start_ns(link);
            if (durations.back() > largest_ns) {
                largest_ns = durations.back();
                chain.largest = link;
            }
        }
        const auto middle_ns = static_cast<double>(median_ns(std::move(durations)));
        chain.path_share = static_cast<double>(on_path_ns) / static_cast<double>(tree_.wall_ns());
        if (chain.path_share < limits_.chain_path_share)
            return;
        if (static_cast<double>(largest_ns) > limits_.chain_link_medians_max * middle_ns)
            return;
        chain.largest_share = static_cast<double>(largest_ns) / static_cast<double>(chain.total_ns);
        found_.push_back(chain);
    }

    const span_tree& tree_;
    const trace_limits& limits_;
    std::vector<bool> is_on_path_;
    std::vector<model::chain> found_;
};

}  // namespace

std::vector<model::chain> find_chains(
    const span_tree& tree, std::span<const model::path_part> path, const trace_limits& limits
)
{
    chain_search search(tree, path, limits);
    search.look_below(no_span);
    for (std::uint32_t parent = 0; parent < tree.size(); ++parent)
        search.look_below(parent);
    return search.result();
}

}  // namespace reprise::detect
