#pragma once

#include "config.hpp"
#include "terminal.hpp"

#include <cstdint>
#include <string>

namespace reprise::app {

struct worker_options {
    std::string server;        // "http://host:4381", "https://..."
    std::string token_file;
    std::string ca_file;
    std::string name;          // Empty: host and process id.
    std::uint32_t parallel = 1;
};

// Replays for a server elsewhere until it is told to stop.
int run_worker(const config& settings, const worker_options& options, const output_style& style);

}  // namespace reprise::app
