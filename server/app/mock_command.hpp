#pragma once

#include "snapshot_command.hpp"

namespace reprise::app {

// Adds `mock`. `chosen` must outlive the parsing and the run.
void add_mock_command(CLI::App& app, chosen_command chosen);

}  // namespace reprise::app
