#pragma once

#include "snapshot_command.hpp"

#include <string>

namespace reprise::app {

struct mock_run_options;

// How requests are matched and answered: the flags that `mock` and `measure` share, the latter with "mock-" before.
void add_mock_flags(CLI::App& command, mock_run_options& given, const std::string& prefix);

// Adds `mock`. `chosen` must outlive the parsing and the run.
void add_mock_command(CLI::App& app, chosen_command chosen);

}  // namespace reprise::app
