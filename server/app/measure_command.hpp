#pragma once

#include "commands.hpp"
#include "mock_run.hpp"

#include "reprise/replay/measurement.hpp"
#include "reprise/replay/mock_options.hpp"

#include <string>
#include <vector>

namespace reprise::app {

// What `reprise measure` is told.
struct measure_options {
    replay_options drive;              // What is sent, where to and how.
    mock_run_options mock;             // What answers for the dependencies; without sources the same traffic.
    std::string ready;                 // Path whose answer says that the service is up; empty: any answer of /.
    std::uint32_t ready_timeout_ms = 30'000;
    std::vector<std::string> variables;  // "NAME=value"; {mock} in it is the mock's URL.
    std::string log;                   // File for the service's output; empty: standard error.
    std::string out;                   // JSON file, for a comparison later.
    std::string report;                // HTML file, for people.
    std::vector<std::string> command;  // The service, {mock} in it is the mock's URL; empty: it runs already.
};

int run_measure(const measure_options& options, const output_style& style);
// Two files of run_measure beside each other.
int run_measure_compare(const std::string& before, const std::string& after, const output_style& style);

// Everything that makes the method, the target left out.
replay::methodology describe_method(
    const measure_options& options, const std::string& traffic_sha256, const std::string& mock_sha256
);

}  // namespace reprise::app
