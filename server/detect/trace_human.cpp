#include "trace_parts.hpp"

#include <algorithm>

namespace reprise::detect {

std::optional<model::human_wait> find_human(const span_tree& tree)
{
    model::human_wait found;
    std::vector<std::uint32_t> waits;
    for (const std::uint32_t span : tree.top_down()) {
        if (tree[span].role != model::span_role::human && tree[span].wait != model::span_wait::human)
            continue;
        waits.push_back(span);
        if (found.longest == model::no_span || tree.duration_ns(span) > tree.duration_ns(found.longest))
            found.longest = span;
    }
    if (waits.empty())
        return std::nullopt;
    std::sort(waits.begin(), waits.end(), [&tree](auto a, auto b) {
        return std::pair(tree.start_ns(a), a) < std::pair(tree.start_ns(b), b);
    });
    // People are waited for once, however many of them at the same time.
    std::int64_t counted_ns = tree.start_ns();
    for (const std::uint32_t span : waits) {
        const std::int64_t from_ns = std::max(tree.start_ns(span), counted_ns);
        const std::int64_t to_ns = std::min(tree.end_ns(span), tree.end_ns());
        found.waited_ns += std::max<std::int64_t>(to_ns - from_ns, 0);
        counted_ns = std::max(counted_ns, to_ns);
    }
    found.waits = static_cast<std::uint32_t>(waits.size());
    found.processing_ns = tree.wall_ns() - found.waited_ns;
    return found;
}

}  // namespace reprise::detect
