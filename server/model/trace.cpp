#include "reprise/model/trace.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 10> span_role_texts = {
    "plain", "workflow", "planner", "worker", "step", "tool", "llm", "io", "human", "stream"};
constexpr std::array<std::string_view, 6> span_wait_texts = {
    "none", "human", "queue", "backoff", "tool", "other"};

}  // namespace

std::string_view to_text(span_role value) noexcept
{
    return enum_text(span_role_texts, value);
}

std::string_view to_text(span_wait value) noexcept
{
    return enum_text(span_wait_texts, value);
}

}  // namespace reprise::model
