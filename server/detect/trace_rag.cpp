#include "trace_parts.hpp"

#include <algorithm>

namespace reprise::detect {
namespace {

using model::no_span;
using model::span_role;

constexpr double bytes_per_kb = 1024;
constexpr std::uint32_t content_bytes_min = 1024;  // A longer attribute of what fetches is what it fetched.

double said_payload_kb(const model::trace_span& span) noexcept
{
    if (span.payload_kb > 0)
        return span.payload_kb;
    const bool holds_content = span.role == span_role::io && span.largest_bytes >= content_bytes_min;
    return holds_content ? span.largest_bytes / bytes_per_kb : 0;
}

bool is_stored(const model::trace_span& span) noexcept
{
    return span.role == span_role::io && span.name.find("checkpoint") != std::string_view::npos;
}

// How much this span, or the call in it, brought; 0: nothing that we know of.
double payload_kb_of(const span_tree& tree, std::uint32_t span)
{
    const span_role role = tree[span].role;
    const bool fetches = role == span_role::io || role == span_role::tool || role == span_role::plain;
    if (!fetches || is_stored(tree[span]))
        return 0;
    double payload_kb = said_payload_kb(tree[span]);
    if (payload_kb > 0)
        return payload_kb;
    for (const std::uint32_t child : tree.children(span))
        payload_kb += said_payload_kb(tree[child]);
    return payload_kb;
}

// The retrieval that came last before each generation among the children of one parent. One that ran beside the
// generation did not feed it.
std::optional<model::retrieval> longest_generation(const span_tree& tree, std::uint32_t parent)
{
    const auto children = tree.children(parent);
    const auto is_generation = [&tree](std::uint32_t child) { return tree[child].role == span_role::llm; };
    if (std::none_of(children.begin(), children.end(), is_generation))
        return std::nullopt;
    std::optional<model::retrieval> found;
    std::uint32_t latest = no_span;
    double latest_kb = 0;
    for (const std::uint32_t child : children) {
        if (tree[child].role != span_role::llm) {
            const double payload_kb = payload_kb_of(tree, child);
            if (payload_kb > 0) {
                latest = child;
                latest_kb = payload_kb;
            }
            continue;
        }
        if (latest == no_span || tree.end_ns(latest) > tree.start_ns(child) ||
            (found && found->generation_ns >= tree.duration_ns(child)))
            continue;
        found = {latest_kb, tree.duration_ns(latest), tree.duration_ns(child), child};
    }
    return found;
}

}  // namespace

std::optional<model::retrieval> find_retrieval(const span_tree& tree)
{
    std::optional<model::retrieval> found = longest_generation(tree, no_span);
    for (const std::uint32_t span : tree.top_down()) {
        const auto here = longest_generation(tree, span);
        if (here && (!found || here->generation_ns > found->generation_ns))
            found = here;
    }
    return found;
}

std::vector<model::oversized> find_oversized(const span_tree& tree, const trace_limits& limits)
{
    std::vector<model::oversized> found;
    for (std::uint32_t span = 0; span < tree.size(); ++span) {
        if (tree[span].largest_bytes >= limits.attribute_bytes_max)
            found.push_back({span, std::string(tree[span].largest_key), tree[span].largest_bytes});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return found;
}

}  // namespace reprise::detect
