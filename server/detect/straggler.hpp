#pragma once

#include "span_tree.hpp"

#include "reprise/detect/trace_analysis.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace reprise::detect {

// Of at least one value; the middle between two when there is no middle one.
std::int64_t median_ns(std::vector<std::int64_t> values);

// The member of a fan-out that took far longer than the others and delayed the end of all of them. Its duration
// names it. What it added is its end less the second-latest end where it ended last. Where it did not, the others
// had to wait for its place: the members are played through `peak` places once as they were and once with the median
// in its stead, and the difference is what it added. `members` by start.
std::optional<model::straggler> find_straggler(
    const span_tree& tree, std::uint32_t parent, std::span<const std::uint32_t> members, std::uint32_t peak,
    const trace_limits& limits
);

}  // namespace reprise::detect
