#pragma once

#include "config.hpp"
#include "terminal.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reprise::store {
class database;
}

// What each command of `reprise` does; the answer is the exit code.
namespace reprise::app {

int run_serve(const config& settings, const output_style& style);
int run_analyze(
    const config& settings, const std::vector<std::string>& paths, const std::string& service, const output_style& style
);
int run_doctor(const config& settings, const output_style& style);

struct replay_options {
    std::string source;   // Bundle, RRPair files, HAR, OTLP-JSON.
    std::string service;  // Of records that name none.
    std::string against;
    std::string timing = "recorded";
    std::uint32_t times = 1;
    std::uint32_t concurrency = 0;  // 0: 1 in a closed loop, 1,000 otherwise.
    std::string connections = "recorded";
    std::uint32_t timeout_ms = 10'000;
    bool http2 = false;
    bool allow_unsafe = false;
    bool correlate = true;
    bool compare = true;
    bool fail_on_change = false;         // Exit 1 when answers differ beyond what differs anyway.
    bool ignore_array_order = false;
    std::vector<std::string> ignored_fields;
    std::string ca_file;
    bool insecure = false;
    std::vector<std::string> headers;       // "Name: value".
    std::vector<std::string> header_files;  // "Name: file"; the value is what the file holds.
    std::vector<std::string> fail_if;       // "p95>800ms", "failing>0%".
    std::vector<std::string> reports;       // By ending: .json, .html, .xml (JUnit).
};

int run_replay(const replay_options& options, const output_style& style);

struct opened_store {
    std::unique_ptr<store::database> database;  // Null: why was printed, and `code` is the answer.
    int code = 0;
};

// The server holds the database alone; while it runs, people are added in the dashboard.
opened_store open_store(const config& settings);

int run_evidence_verify(const config& settings, const output_style& style);

int run_preferences_export(const config& settings, const std::string& since, const output_style& style);

int run_user_list(const config& settings, const output_style& style);
int run_user_add(const config& settings, const std::string& name, const std::string& roles, const output_style& style);
int run_user_link(const config& settings, const std::string& name, const output_style& style);

// Dead letters of a stopped server; while it runs, the API has them.
struct dlq_action {
    std::string run_id;
    bool discard = false;
    std::string comment;
    std::string from_step;  // Empty: where it stopped.
};

int run_dlq_list(const config& settings, const output_style& style);
int run_dlq_action(const config& settings, const dlq_action& what, const output_style& style);

int run_config_show(const config& settings, const output_style& style);
int run_config_check(const config& settings, const output_style& style);
int run_config_docs();

constexpr const char* version_text = REPRISE_VERSION;

}  // namespace reprise::app
