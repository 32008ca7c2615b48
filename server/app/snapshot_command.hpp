#pragma once

#include "terminal.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace reprise::app {

// What the command line says about the command that was chosen.
struct chosen_command {
    output_style& style;
    std::function<int()>& run;
};

// Adds `snapshot` with its sub-commands. `chosen` must outlive the parsing and the run.
void add_snapshot_commands(CLI::App& app, chosen_command chosen);

}  // namespace reprise::app
