#pragma once

#include "config.hpp"

#include "reprise/ingest/hooks.hpp"

#include <string>
#include <vector>

namespace reprise::app {

// What intake.hooks.* says, with the files it names read. Blocks. The first thing that is wrong, with its key and
// the way out. The sealing key is left empty.
config_result<ingest::hook_settings> load_hook_settings(const config& settings);

// Sentences worth a line at the start: senders whose secrets can be read on the way, ...
std::vector<std::string> list_hook_exposures(const config& settings);

// Whether any source is set up.
bool has_hooks(const config& settings);

}  // namespace reprise::app
