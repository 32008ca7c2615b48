#pragma once

#include "snapshot_command.hpp"

namespace reprise::app {

// Add `replay` and `measure`. `chosen` must outlive the parsing and the run.
void add_replay_command(CLI::App& app, chosen_command chosen);
void add_measure_command(CLI::App& app, chosen_command chosen);

}  // namespace reprise::app
