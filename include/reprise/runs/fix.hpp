#pragma once

#include "reprise/base/error.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"
#include "reprise/model/run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::store {
class transaction;
}

// A fix that people, or their CI, hand in for an incident: it waits at the gate and becomes a draft pull request.
namespace reprise::runs {

struct fix_request {
    std::string incident_id;
    std::string title;        // Of the pull request, one line.
    std::string body;         // Markdown; what was measured is put below it.
    std::string base_branch;  // Empty: the repository's default branch.
    std::vector<forge::changed_file> files;
    std::string comment;      // For the timeline.
    model::person person;
    std::optional<std::int64_t> expected_version;  // If-Match; errc::stale when it is not current.
    std::string request_id;
    std::string auth = "session";  // "token:<id>" for an API token.
};

constexpr std::size_t fix_body_bytes_max = 20'000;
constexpr std::size_t fix_branch_bytes_max = 200;

// What is wrong with the fix itself, as one sentence that names the file; empty when nothing is.
std::optional<std::string> find_fault(const fix_request& request);

struct started_fix {
    model::run run;
    model::incident incident;
};

// Ends the incident's other work, moves it to fixing and queues the run, with its audit row. Call after find_fault().
// Errors: reprise::errc::not_found, stale; lifecycle's illegal_transition, no_repository, already_published.
result<started_fix> start_fix(store::transaction& tx, const fix_request& request, std::int64_t now_ns);

}  // namespace reprise::runs
