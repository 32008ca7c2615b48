#pragma once

#include "running_service.hpp"

#include <string>
#include <variant>

namespace reprise::synth {

// What is to be said, and how the process ends.
struct command_end {
    std::string text;
    int exit_code = 0;
    bool is_error = false;
};

using command = std::variant<agent_config, tool_config, command_end>;

constexpr int exit_usage = 64;
constexpr int exit_unavailable = 69;

// Flags win over environment variables, those over defaults.
command parse_command_line(int argc, const char* const* argv);

}  // namespace reprise::synth
