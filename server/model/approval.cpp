#include "reprise/model/approval.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 9> approval_state_texts = {
    "pending", "approved", "rejected", "changes_requested", "stopped", "expired", "voided", "executed", "lapsed"};
constexpr std::array<std::string_view, 4> decision_kind_texts = {
    "approve", "request_changes", "reject", "stop"};

}  // namespace

std::string_view to_text(approval_state value) noexcept
{
    return enum_text(approval_state_texts, value);
}

std::optional<approval_state> find_approval_state(std::string_view text) noexcept
{
    return find_enum<approval_state>(approval_state_texts, text);
}

std::string_view to_text(decision_kind value) noexcept
{
    return enum_text(decision_kind_texts, value);
}

std::optional<decision_kind> find_decision_kind(std::string_view text) noexcept
{
    return find_enum<decision_kind>(decision_kind_texts, text);
}

}  // namespace reprise::model
