#pragma once

#include "reprise/base/error.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/forge/ticket.hpp"

#include <optional>
#include <string>
#include <vector>

// The text of a pull request. Pure.
namespace reprise::forge {

struct change_source {
    ticket_source measured;          // What is wrong; result_json is the replay before the change.
    std::string words;               // Whoever proposes it, in Markdown; may be empty.
    std::string base_branch;         // Empty: the repository's default branch.
    std::string head_branch;
    std::vector<changed_file> files;
    std::string ticket_url;          // Empty: there is none.
    std::string after_result_json;   // The replay with the change, as result_json; empty: not replayed.
    std::optional<double> confidence;  // 0 to 1, where the change has one.
    std::string escalation;          // Why a person must look closely; empty: nothing says so.
};

// The words, then the change (branch, files, whether tests are among them, ticket, confidence), then both replays and
// everything a ticket says. invalid_argument when a result is no RunResult; too_large when the words leave no room.
result<std::string> draft_change_body(const change_source& source);

// Whether a path looks like a test's.
bool is_test_path(std::string_view path);

}  // namespace reprise::forge
