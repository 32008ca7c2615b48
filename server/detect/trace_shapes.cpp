#include "trace_shapes.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

// How many siblings after a fan-out are looked at: the one that takes it up comes soon.
constexpr std::size_t join_candidates_max = 16;

bool is_thought(const model::trace_span& span) noexcept
{
    return span.role == span_role::step || span.role == span_role::llm;
}

}  // namespace

bool is_human(const model::trace_span& span) noexcept
{
    return span.role == span_role::human || span.wait == model::span_wait::human;
}

bool is_storing(const model::trace_span& span) noexcept
{
    return span.role == span_role::io && span.kind != model::operation_kind::db;
}

bool is_repeat(const model::trace_span& span) noexcept
{
    return span.attempt > 0 || span.retry_count > 0;
}

bool is_same_call(const span_tree& tree, std::uint32_t first, std::uint32_t second) noexcept
{
    if (tree.form(first) != tree.form(second))
        return false;
    const model::trace_span& a = tree[first];
    const model::trace_span& b = tree[second];
    const auto differ = [](auto one, auto other) { return one >= 0 && other >= 0 && one != other; };
    if (differ(a.index, b.index) || differ(a.step, b.step))
        return false;
    const bool is_same_question = a.arguments == b.arguments || a.arguments == 0 || b.arguments == 0;
    return a.tool == b.tool && a.task == b.task && is_same_question;
}

bool is_thinking_and_acting(const span_tree& tree, std::uint32_t parent) noexcept
{
    std::size_t thoughts = 0;
    std::size_t acts = 0;
    std::size_t turns = 0;
    std::uint32_t before = no_span;
    for (const std::uint32_t child : tree.children(parent)) {
        const model::trace_span& span = tree[child];
        if (is_storing(span) || is_repeat(span))
            continue;
        thoughts += is_thought(span);
        if (span.role == span_role::tool) {
            ++acts;
            turns += before != no_span && is_thought(tree[before]) && tree.end_ns(before) <= tree.start_ns(child);
        }
        before = child;
    }
    return turns > 0 && 2 * turns >= acts && 2 * turns >= thoughts;
}

std::uint32_t find_join(
    const span_tree& tree, std::uint32_t parent, std::uint64_t form, std::int64_t last_end_ns
) noexcept
{
    const auto children = tree.children(parent);
    auto at = std::lower_bound(
        children.begin(), children.end(), last_end_ns,
        [&](std::uint32_t child, std::int64_t limit_ns) { return tree.start_ns(child) < limit_ns; }
    );
    for (std::size_t looked = 0; at != children.end() && looked < join_candidates_max; ++at, ++looked) {
        const model::trace_span& span = tree[*at];
        if (tree.form(*at) == form || is_storing(span) || is_human(span))
            continue;
        if (!tree.children(*at).empty() || span.role == span_role::worker || span.role == span_role::planner)
            return *at;
    }
    return no_span;
}

}  // namespace reprise::detect
