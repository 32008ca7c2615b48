#pragma once

#include "terminal.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace reprise::app {

// What `reprise minimize` does.
struct minimise_options {
    std::string source;   // Bundle, RRPair files, HAR, OTLP-JSON.
    std::string service;  // Of records that name none.
    std::string against;
    std::string still;           // "status==500"
    std::string observe;         // Where the target sends its telemetry; empty: it is not asked for.
    std::string form;            // Of the export: curl, pytest, gtest, har, rrpair, bundle.
    std::string out;
    std::string resume;          // State file of an earlier run.
    std::string state;           // Where the state goes; empty: beside `out`, or named after the source.
    std::string time = "5m";
    std::uint32_t trials = 200;
    std::uint32_t confirmations = 5;
    std::uint32_t timeout_ms = 10'000;
    std::uint32_t observe_timeout_ms = 15'000;  // How long a trial waits for the target's telemetry.
    std::uint32_t request = 0;   // Number of the failing request to begin with, from 1; 0: the first that failed.
    bool allow_unsafe = false;
    bool force = false;
    bool insecure = false;
    std::string ca_file;
    std::vector<std::string> headers;
    std::vector<std::string> header_files;
};

int run_minimise(const minimise_options& options, const output_style& style);

// Adds `minimize` to the command line. What is given must outlive the parsing and the run.
void add_minimise_command(CLI::App& app, output_style& style, std::function<int()>& run);

}  // namespace reprise::app
