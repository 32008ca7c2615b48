#pragma once

#include "mock_run.hpp"

#include "reprise/model/exchange.hpp"

#include <optional>
#include <string>
#include <vector>

// From the command line to what a mock is made of; the same for `mock` and `measure`.
namespace reprise::app {

struct mock_failure {
    int code = 0;  // For the shell.
    std::string text;
};

std::optional<mock_failure> read_mock_rules(const mock_run_options& options, replay::mock_options& rules);

// The recorded calls of options.sources that went the chosen way. Blocks on disk.
std::optional<mock_failure> load_mock_calls(
    const mock_run_options& options, const output_style& style, std::vector<model::exchange>& calls
);

}  // namespace reprise::app
