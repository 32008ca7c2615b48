#pragma once

#include "config.hpp"
#include "terminal.hpp"

#include <string>
#include <vector>

namespace reprise::app {

// What `snapshot redact` does: the server's redaction on files, shown or written.
struct snapshot_redaction {
    std::vector<std::string> paths;
    std::string config_file;   // Whose redaction section and key hold; empty: ./reprise.yaml if it is there.
    std::string service;       // For records that name none.
    std::string out;           // Directory to make; with `preview` empty.
    std::string format = "rrpair-json";
    bool preview = false;
    bool show_values = false;  // Secrets, to a terminal only.
    bool force = false;        // Replace what is there.
};

// The exit code: 65 when some input could not be read (the rest is shown or written).
int run_snapshot_redaction(const snapshot_redaction& redaction, const output_style& style);

}  // namespace reprise::app
