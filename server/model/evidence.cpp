#include "reprise/model/evidence.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 5> evidence_role_texts = {
    "failing", "trigger", "control", "setup", "context"};

}  // namespace

std::string_view to_text(evidence_role value) noexcept
{
    return enum_text(evidence_role_texts, value);
}

}  // namespace reprise::model
