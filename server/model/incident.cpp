#include "reprise/model/incident.hpp"

#include "enum_text.hpp"

#include <array>

namespace reprise::model {
namespace {

constexpr std::array<std::string_view, 13> incident_status_texts = {
    "detected", "reproducing", "reproduced", "diagnosing", "diagnosed", "fixing", "submitted",
    "resolved", "needs_human", "wontfix", "noise", "duplicate", "rejected"};

}  // namespace

std::string_view to_text(incident_status value) noexcept
{
    return enum_text(incident_status_texts, value);
}

std::optional<incident_status> find_incident_status(std::string_view text) noexcept
{
    return find_enum<incident_status>(incident_status_texts, text);
}

}  // namespace reprise::model
