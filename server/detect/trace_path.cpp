#include "trace_parts.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::no_span;

// Walks back from the end of the trace. What a span waited for last is the child that ended last; what that one had
// waited for before it began is the child that had ended last by then, and so on. Whatever lies between is the
// span's own time. Children that still run when the one after them begins were not waited for.
class path_walk {
public:
    explicit path_walk(const span_tree& tree) : tree_(tree) {}

    std::vector<model::path_part> run()
    {
        enter(no_span);
        while (!open_.empty()) {
            visit& now = open_.back();
            if (waiting_.size() == now.first) {
                add(now.span, tree_.path_start_ns(now.span), now.cursor_ns);
                open_.pop_back();
                continue;
            }
            const std::uint32_t child = waiting_.back();
            waiting_.pop_back();
            const std::int64_t start_ns = tree_.path_start_ns(child);
            const std::int64_t end_ns = tree_.path_end_ns(child);
            if (end_ns > now.cursor_ns || start_ns == end_ns)
                continue;
            add(now.span, end_ns, now.cursor_ns);
            now.cursor_ns = start_ns;
            if (tree_.children(child).empty())
                add(child, start_ns, end_ns);
            else
                enter(child);
        }
        std::reverse(parts_.begin(), parts_.end());
        return std::move(parts_);
    }

private:
    struct visit {
        std::uint32_t span = no_span;
        std::size_t first = 0;       // Its children that were not looked at yet: waiting_ from here on.
        std::int64_t cursor_ns = 0;  // What lies after it is settled.
    };

    void enter(std::uint32_t span)
    {
        const std::size_t first = waiting_.size();
        open_.push_back({span, first, tree_.path_end_ns(span)});
        const auto children = tree_.children(span);
        waiting_.insert(waiting_.end(), children.begin(), children.end());
        // The last to end stands last; of those that end together, the longest.
        std::sort(waiting_.begin() + static_cast<std::ptrdiff_t>(first), waiting_.end(), [&](auto a, auto b) {
            if (tree_.path_end_ns(a) != tree_.path_end_ns(b))
                return tree_.path_end_ns(a) < tree_.path_end_ns(b);
            if (tree_.path_start_ns(a) != tree_.path_start_ns(b))
                return tree_.path_start_ns(a) > tree_.path_start_ns(b);
            return a > b;
        });
    }

    // Parts come from the last to the first.
    void add(std::uint32_t span, std::int64_t start_ns, std::int64_t end_ns)
    {
        if (start_ns == end_ns)
            return;
        const std::int64_t began_ns = tree_.start_ns();
        if (!parts_.empty() && parts_.back().span == span) {
            parts_.back().start_ns = start_ns - began_ns;
            return;
        }
        parts_.push_back({.span = span, .start_ns = start_ns - began_ns, .end_ns = end_ns - began_ns});
    }

    const span_tree& tree_;
    std::vector<visit> open_;
    std::vector<std::uint32_t> waiting_;
    std::vector<model::path_part> parts_;
};

}  // namespace

std::vector<model::path_part> find_path(const span_tree& tree)
{
    return path_walk(tree).run();
}

}  // namespace reprise::detect
