#pragma once

#include "value_places.hpp"

#include <string>
#include <string_view>

// Which values are worth following: precision before recall.
namespace reprise::telemetry {

enum class flow_strength : std::uint8_t {
    none,
    id,      // Only between ids of the same thing.
    strong,  // Unlikely to be equal by chance.
};

flow_strength find_strength(std::string_view value);

// What two places must have in common. A token of ours is its digest, whatever type it has.
std::string flow_key(std::string_view value);

bool is_source_header(std::string_view lower_name);
bool is_target_header(std::string_view lower_name);

// Whether a number in `source` (of the answer of `answered`) and one in `target` (a request to `target_path`) are ids
// of the same thing.
bool are_same_ids(
    const value_place& source, const model::exchange& answered, const value_place& target, std::string_view target_path
);

}  // namespace reprise::telemetry
