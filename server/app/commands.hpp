#pragma once

#include "config.hpp"
#include "terminal.hpp"

#include <string>
#include <vector>

// What each command of `reprise` does; the answer is the exit code.
namespace reprise::app {

int run_serve(const config& settings, const output_style& style);
int run_analyze(
    const config& settings, const std::vector<std::string>& paths, const std::string& service, const output_style& style
);
int run_doctor(const config& settings, const output_style& style);

struct replay_options {
    std::string bundle;
    std::string against;
    std::uint32_t times = 1;
    bool allow_unsafe = false;
    std::vector<std::string> headers;  // "Name: value".
    std::vector<std::string> fail_if;  // "p95>800ms", "failing>0%".
    std::string report;                // JSON file.
};

int run_replay(const replay_options& options, const output_style& style);

int run_user_list(const config& settings, const output_style& style);
int run_user_add(const config& settings, const std::string& name, const std::string& roles, const output_style& style);
int run_user_link(const config& settings, const std::string& name, const output_style& style);

int run_config_show(const config& settings, const output_style& style);
int run_config_check(const config& settings, const output_style& style);
int run_config_docs();

constexpr const char* version_text = REPRISE_VERSION;

}  // namespace reprise::app
