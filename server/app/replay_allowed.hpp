#pragma once

#include "config.hpp"

#include "reprise/net/url.hpp"
#include "reprise/replay/target.hpp"

#include <vector>

namespace reprise::app {

// replay.targets, taken apart. An error names the entry.
config_result<std::vector<replay::target>> replay_targets_of(const config& settings);

// What lets requests go to them and nowhere else.
config_result<net::target_guard> replay_guard_of(const config& settings);

}  // namespace reprise::app
