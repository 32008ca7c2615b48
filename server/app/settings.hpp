#pragma once

#include "config.hpp"

#include <map>
#include <string>

namespace reprise::app {

// What the command line said about the configuration.
struct settings {
    std::string file;                           // --config; empty: ./reprise.yaml if it is there.
    std::map<std::string, std::string> flags;   // "windows.length" -> "10 s".
};

// Defaults, then file, then environment, then flags.
config_result<config> load_config(const settings& from);

// What no single key can see: two ports that are the same, a window shorter than its lateness, ...
std::optional<config_error> check_config(const config& made);

struct endpoint {
    std::string host;
    std::uint16_t port = 0;
};

// "127.0.0.1:4380", "[::1]:0", "localhost:4380" (taken as 127.0.0.1).
std::optional<endpoint> parse_endpoint(std::string_view text);
bool is_loopback(std::string_view host);

}  // namespace reprise::app
