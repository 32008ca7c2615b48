#pragma once

#include "reprise/lifecycle/incident_machine.hpp"

// Look-ups in the incident table, for the functions of this room that move incidents.
namespace reprise::lifecycle {

const incident_edge* find_edge(model::incident_status from, model::incident_status to) noexcept;
const incident_phase* find_phase(model::incident_status status, std::string_view name) noexcept;
std::string_view first_phase(model::incident_status status) noexcept;

struct place {
    model::incident_status status = model::incident_status::detected;
    std::string phase;
    std::string reason;
};

// What place_text() wrote.
std::optional<place> find_place(std::string_view text);

}  // namespace reprise::lifecycle
