#pragma once

#include "minimise_units.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reprise::replay {

// The same requests sent in a simpler way.
struct alternative {
    std::string name;  // "one after the other"
    scenario what;
};

// Simpler ways than the recorded times, the simplest first. None for a scenario that is simple already.
std::vector<alternative> simpler_paces(const scenario& base, const need_list& needs);

// At the recorded times, but with no long gap. Nothing when there is none.
std::optional<scenario> with_short_gaps(const scenario& base);

// For each group of several requests: as many copies of one of them instead.
std::vector<alternative> copied_groups(const scenario& base);

// Places of requests that are sent more than once at the same moment.
std::vector<std::size_t> copied_requests(const scenario& base);

}  // namespace reprise::replay
