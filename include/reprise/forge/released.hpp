#pragma once

#include "reprise/base/error.hpp"
#include "reprise/forge/effect.hpp"
#include "reprise/forge/ticket.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What people release, as canonical JSON, and the way back from there to what is done outside. Pure functions.
namespace reprise::forge {

// A pull request before anybody released it.
struct change_draft {
    std::string title;
    std::string body;          // Markdown.
    std::string base_branch;   // Empty: the repository's default branch.
    std::string head_branch;
    std::vector<changed_file> files;
    // Of the ticket that gets a note about the pull request; both empty when there is none.
    std::string note_target;
    std::string note_parent;
};

// The object whose SHA-256 is approved: action, target, title, body, branches, commit message, files, note, evidence,
// incident, generation, run, risk, risk_reasons.
std::string change_content(const ticket_source& source, const change_draft& draft, std::string_view target);

// What the approved content means outside, from ticket_content() or change_content(). corrupt when it is neither.
result<effect> parse_effect(std::string_view content);

// The note that the same content asks for, once the pull request has a URL. Empty when it asks for none.
result<std::optional<effect>> parse_note(std::string_view content, std::string_view pull_request_url);

// The same content with another title and body. corrupt as above; invalid_argument for an empty title, one with line
// breaks, and texts over title_bytes_max and body_bytes_max.
result<std::string> edit_released(std::string_view content, std::string_view title, std::string_view body);

// "<incident>-g<generation>-pr", and with "-note" behind it for the note.
std::string change_key(std::string_view incident_id, std::int64_t generation);

// Whether a tracker takes pull requests at all: "github:...", "gitlab:...".
bool may_take_changes(std::string_view target) noexcept;

}  // namespace reprise::forge
