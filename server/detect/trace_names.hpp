#pragma once

#include "span_tree.hpp"

#include <string>
#include <string_view>

// What spans are called in sentences and lists.
namespace reprise::detect {

// Who did it: the agent's id, else the span's name.
std::string_view owner_name(const model::trace_span& span) noexcept;

// Which tool it called, itself or in one of its children; empty when none does.
std::string_view tool_name(const model::trace& trace, std::uint32_t span, std::uint32_t tool_span) noexcept;

// "worker:37 (t2)", or "worker:37" where no tool is known.
std::string member_name(const model::trace& trace, std::uint32_t span, std::uint32_t tool_span);

// "planner:v1 of synthetic-agent-app".
std::string place_name(const model::trace_span& span);

}  // namespace reprise::detect
