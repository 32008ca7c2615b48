#pragma once

#include "config.hpp"
#include "terminal.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What `reprise admin token` and `reprise admin audit` do, on the data directory of a stopped server; the answer is the
// exit code.
namespace reprise::app {

struct token_options {
    std::string person;  // Name of a person or a service account.
    std::string name;    // What the token is for.
    std::string scopes;  // "runs:read,runs:write"
    std::int64_t days = 90;
    std::vector<std::string> networks;
    std::string id;      // To revoke.
};

int run_token_create(const config& settings, const token_options& options, const output_style& style);
int run_token_list(const config& settings, const output_style& style);
int run_token_revoke(const config& settings, const token_options& options, const output_style& style);

// An account for programs, without a link.
int run_service_add(
    const config& settings, const std::string& name, const std::string& roles, const output_style& style
);

struct audit_options {
    std::string checkpoints;               // A file of checkpoints that was kept elsewhere.
    std::vector<std::string> public_keys;  // Files of public keys, beside those of the data directory.
    std::string out;                       // Empty: stdout.
};

// 65 with the first bad row when the chain is not what was written.
int run_audit_verify(const config& settings, const audit_options& options, const output_style& style);
int run_audit_export(const config& settings, const audit_options& options, const output_style& style);

}  // namespace reprise::app
