#pragma once

#include "terminal.hpp"

#include <string>
#include <vector>

namespace reprise::app {

// From files of any known format to one format; what `snapshot import`, `export` and `convert` do.
struct snapshot_conversion {
    std::vector<std::string> paths;
    std::string from;     // Name of a format; empty: told by content.
    std::string to;       // Name of a format; empty: told by the extension of `out`, else RRPair JSON.
    std::string out;      // File or directory.
    std::string service;  // For records that name none.
    bool force = false;   // Replace what is there.
};

// The exit code: 65 when some input could not be read (the rest is written) or nothing was left to write.
int run_snapshot_conversion(const snapshot_conversion& conversion, const output_style& style);

}  // namespace reprise::app
