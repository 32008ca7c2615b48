#pragma once

#include "reprise/replay/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reprise::replay {

// What can be taken out of a scenario, one by one, and the scenario that is left.
struct unit_list {
    std::vector<std::string> names;  // "header accept of request 12"
    std::function<scenario(const std::vector<bool>& kept)> apply;
};

// By place in a scenario's requests: the places of the earlier ones each needs.
using need_list = std::vector<std::vector<std::uint32_t>>;

// The requests. What a kept one needs stays, whether it is kept or not.
unit_list request_units(const scenario& base, need_list needs);
unit_list header_units(const scenario& base);
unit_list query_units(const scenario& base);
// The parts of the bodies that stand `depth` levels deep; 0: whole bodies.
unit_list body_units(const scenario& base, std::uint32_t depth);
// How many levels the deepest body has.
std::uint32_t count_body_levels(const scenario& base);

// "GET /orders/7 (request 12)". Numbers count from 1.
std::string request_name(const scenario_request& one);

// The needs among those requests of `all` that are left in `base`.
need_list needs_within(const scenario& base, const scenario& all, const need_list& needs);

// `kept` and everything that is needed by it.
std::vector<bool> closed(std::vector<bool> kept, const need_list& needs);

}  // namespace reprise::replay
