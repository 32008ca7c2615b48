#include "reprise/model/detection.hpp"

#include "enum_text.hpp"

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 3> suppression_state_texts = {"active", "expired", "lifted"};

}  // namespace

std::string_view to_text(suppression_state value) noexcept
{
    return enum_text(suppression_state_texts, value);
}

std::optional<suppression_state> find_suppression_state(std::string_view text) noexcept
{
    return find_enum<suppression_state>(suppression_state_texts, text);
}

}  // namespace reprise::model
