#pragma once

#include "archive_parts.hpp"

#include <string>

namespace reprise::app {

struct archive_probe {
    bool works = false;
    std::string text;  // What works, or what is wrong and the way out.
};

// Writes, reads, lists and removes a small object in the bucket of the configuration. Blocks on the network.
archive_probe probe_archive(const config& settings);

}  // namespace reprise::app
