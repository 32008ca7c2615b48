#pragma once

#include "terminal.hpp"

#include "reprise/replay/arrival_log.hpp"
#include "reprise/replay/mock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reprise::app {

// What `reprise mock` is told, as it stands on the command line.
struct mock_run_options {
    std::vector<std::string> sources;           // Bundles, snapshot directories, HAR files, ...
    std::string listen = "127.0.0.1:4381";
    std::string direction = "auto";             // auto, out, in or any.
    std::string latency = "none";
    std::string repeat = "none";
    std::string on_miss = "404";                // 404 or fail.
    std::vector<std::string> faults;
    std::vector<std::string> ignore;
    std::vector<std::string> match_headers;
    bool strict = false;
    std::uint64_t seed = 1;
    std::string arrivals;                       // Directory to make; empty: none.
    std::string ca_dir;                         // Empty: no TLS.
    double fail_under_percent = 0;              // Of the match rate.
    std::uint32_t threads = 1;
};

// Answers until SIGINT or SIGTERM.
int run_mock(const mock_run_options& options, const output_style& style);

// What is printed at the end.
struct mock_outcome {
    replay::mock_report report;
    detect::burst_summary burst;
    replay::arrival_losses losses;
    std::string arrivals;        // The directory that was made.
    std::uint64_t arrival_count = 0;
    std::uint64_t files = 0;
};

std::string mock_text(const mock_outcome& outcome, const std::vector<replay::fault_rule>& faults);
std::string mock_json(const mock_outcome& outcome, const std::vector<replay::fault_rule>& faults);
// "  POST api.test/log: body/at, made while the traffic was captured (datetime)", a line for each.
std::string rule_lines(const std::vector<replay::ignore_rule>& rules);

}  // namespace reprise::app
