#pragma once

#include "span_tree.hpp"

#include <cstdint>

// What several parts of the trace analysis ask of spans. Pure.
namespace reprise::detect {

// A person is waited for.
bool is_human(const model::trace_span& span) noexcept;

// Something is put away or fetched beside the work: checkpoints. Databases asked by ordinary code are work.
bool is_storing(const model::trace_span& span) noexcept;

// Says of itself that another attempt went before it.
bool is_repeat(const model::trace_span& span) noexcept;

// The second may be the first one tried again: one form, tool and task, and the same was asked as far as is known.
bool is_same_call(const span_tree& tree, std::uint32_t first, std::uint32_t second) noexcept;

// The children of an agent take turns: a thought, then the tool it asked for.
bool is_thinking_and_acting(const span_tree& tree, std::uint32_t parent) noexcept;

// The child that took up what all members of a fan-out had done: the first of another form that began when they had
// ended and that is more than a record of it. no_span when there is none.
std::uint32_t find_join(
    const span_tree& tree, std::uint32_t parent, std::uint64_t form, std::int64_t last_end_ns
) noexcept;

}  // namespace reprise::detect
