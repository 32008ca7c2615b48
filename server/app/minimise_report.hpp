#pragma once

#include "reprise/replay/condition.hpp"
#include "reprise/replay/minimise.hpp"

#include <cstdint>
#include <string>

namespace reprise::app {

// What `reprise minimize` tells at its end.
struct minimise_report {
    std::string source;
    std::string target;
    std::string still;
    std::uint32_t requests_before = 0;
    replay::minimise_result result;
    std::string out;    // What was written; mostly a file.
    std::string state;  // Where it can be resumed from; empty when there is nothing to resume.
    std::string untold; // Address that the target was to send its telemetry to and did not; empty otherwise.
};

std::string to_json(const minimise_report& report);
void print_text(const minimise_report& report);
// One sentence for stderr when there is no complete result; empty otherwise.
std::string complaint(const minimise_report& report);

}  // namespace reprise::app
