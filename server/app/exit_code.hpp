#pragma once

namespace reprise::app {

// What a command tells the shell (the numbers of sysexits.h where it has them).
enum exit_code : int {
    exit_ok = 0,
    exit_found = 3,         // analyze: signals were found.
    exit_gate = 1,          // replay: a --fail-if gate failed. mock: misses that --on-miss or --fail-under forbid.
    exit_usage = 64,
    exit_data = 65,
    exit_unavailable = 69,
    exit_bug = 70,
    exit_permission = 77,
};

}  // namespace reprise::app
