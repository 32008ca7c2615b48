#include "trace_parts.hpp"

#include "trace_shapes.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;
using model::span_wait;
using model::time_class;

// When the places that a parent's limit allows were taken and given back, by form. A task keeps its place while it
// waits to be tried again.
class places_taken {
public:
    places_taken(const span_tree& tree, std::uint32_t parent) : limit_(tree[parent].concurrency)
    {
        std::int32_t last_attempt = tree[parent].retries_max;
        if (last_attempt < 0) {
            for (const std::uint32_t child : tree.children(parent))
                last_attempt = std::max(last_attempt, tree[child].attempt);
        }
        for (const std::uint32_t child : tree.children(parent)) {
            const model::trace_span& span = tree[child];
            if (is_storing(span) || is_human(span))
                continue;
            if (!is_repeat(span))
                taken_.emplace_back(tree.form(child), tree.start_ns(child));
            if (!(span.failed && span.attempt >= 0 && span.attempt < last_attempt))
                given_back_.emplace_back(tree.form(child), tree.end_ns(child));
        }
        std::sort(taken_.begin(), taken_.end());
        std::sort(given_back_.begin(), given_back_.end());
    }

    // As many as the limit allows had begun before, and the one that begins now makes it full again.
    bool had_to_wait(std::uint64_t form, std::int64_t start_ns) const
    {
        const std::int64_t before = count(taken_, form, start_ns);
        const std::int64_t with_it = count(taken_, form, start_ns + 1);
        return before >= limit_ && with_it - count(given_back_, form, start_ns + 1) >= limit_;
    }

private:
    using moments = std::vector<std::pair<std::uint64_t, std::int64_t>>;

    static std::int64_t count(const moments& list, std::uint64_t form, std::int64_t before_ns)
    {
        const auto first = std::lower_bound(list.begin(), list.end(), std::pair(form, INT64_MIN));
        return std::lower_bound(first, list.end(), std::pair(form, before_ns)) - first;
    }

    std::int32_t limit_;
    moments taken_;
    moments given_back_;
};

// The class of the time a span spends in none of its children. A model is waited for like any other tool.
time_class own_class(const model::trace_span& span) noexcept
{
    switch (span.wait) {
    case span_wait::human: return time_class::waiting_human;
    case span_wait::queue: return time_class::waiting_queue;
    case span_wait::backoff: return time_class::waiting_backoff;
    case span_wait::tool: return time_class::waiting_tool;
    case span_wait::none:
    case span_wait::other: break;
    }
    if (span.role == span_role::human)
        return time_class::waiting_human;
    if (span.role == span_role::io || span.kind == model::operation_kind::db)
        return time_class::io;
    const bool is_call = span.role == span_role::tool || span.role == span_role::llm
                         || span.kind == model::operation_kind::client;
    return is_call || span.wait == span_wait::other ? time_class::waiting_tool : time_class::compute;
}

class time_classes {
public:
    time_classes(const span_tree& tree, std::span<const model::path_part> path)
        : tree_(tree), path_(path), waits_for_human_(tree.size(), false)
    {
        for (const std::uint32_t span : tree.top_down()) {
            const std::uint32_t parent = tree.parent(span);
            waits_for_human_[span] = is_human(tree[span]) || (parent != no_span && waits_for_human_[parent]);
        }
    }

    time_class of(std::size_t at)
    {
        const std::uint32_t span = path_[at].span;
        if (span == no_span)
            return time_class::untracked;
        // Whatever runs while a person is waited for: nothing else is.
        if (waits_for_human_[span])
            return time_class::waiting_human;
        const std::uint32_t next = at + 1 < path_.size() ? child_towards(span, path_[at + 1].span) : no_span;
        if (next == no_span)
            return own_class(tree_[span]);
        const std::uint32_t before = at > 0 ? child_towards(span, path_[at - 1].span) : no_span;
        if (is_next_attempt(before, next))
            return time_class::waiting_backoff;
        if (is_let_in(span, next))
            return time_class::waiting_queue;
        return own_class(tree_[span]);
    }

private:
    // The child of `parent` that `span` is or is below of. The steps up are those the path went down.
    std::uint32_t child_towards(std::uint32_t parent, std::uint32_t span) const
    {
        if (!tree_.is_below(span, parent))
            return no_span;
        while (tree_.parent(span) != parent)
            span = tree_.parent(span);
        return span;
    }

    bool is_next_attempt(std::uint32_t before, std::uint32_t next) const
    {
        if (is_repeat(tree_[next]))
            return true;
        return before != no_span && tree_[before].failed && is_same_call(tree_, before, next);
    }

    bool is_let_in(std::uint32_t parent, std::uint32_t next)
    {
        if (tree_[parent].concurrency < 1 || is_storing(tree_[next]))
            return false;
        auto known = places_.find(parent);
        if (known == places_.end())
            known = places_.emplace(parent, places_taken(tree_, parent)).first;
        return known->second.had_to_wait(tree_.form(next), tree_.start_ns(next));
    }

    const span_tree& tree_;
    std::span<const model::path_part> path_;
    std::vector<bool> waits_for_human_;
    std::map<std::uint32_t, places_taken> places_;
};

}  // namespace

class_times find_times(const span_tree& tree, std::span<model::path_part> path)
{
    class_times times = {};
    time_classes classes(tree, path);
    for (std::size_t at = 0; at < path.size(); ++at) {
        path[at].spent = classes.of(at);
        times[static_cast<std::size_t>(path[at].spent)] += path[at].end_ns - path[at].start_ns;
    }
    return times;
}

}  // namespace reprise::detect
