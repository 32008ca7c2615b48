#pragma once

#include "reprise/model/person.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What an API token may do. A token never does more than its person may: scope and role are both asked.
namespace reprise::http {

enum class scope : std::uint8_t {
    nobody,             // Of a route: no token may, whatever its scopes.
    any,                // Of a route: every token may.
    ingest_write,       // Send telemetry.
    runs_read,          // Read what a viewer reads.
    runs_write,         // Act on incidents and runs.
    events_write,       // Report events.
    deployments_write,  // Report deployments.
    admin_read,         // Read people and the audit.
};

std::string_view to_text(scope value) noexcept;
// One that a token can have: not nobody, not any.
std::optional<scope> find_scope(std::string_view text) noexcept;
// Every scope a token can have, for help and errors: "ingest:write, runs:read, ...".
std::string list_scopes();

class scope_set {
public:
    // "runs:read,runs:write"; nothing when a word is no scope.
    static std::optional<scope_set> parse(std::string_view text);

    void add(scope one);
    bool has(scope one) const noexcept;
    bool empty() const noexcept { return scopes_.empty(); }
    std::string text() const;
    const std::vector<scope>& list() const noexcept { return scopes_; }

private:
    std::vector<scope> scopes_;  // In their own order, each once.
};

// Whether somebody with these roles may hand out a token with this scope.
bool may_grant(scope one, const model::roles& roles) noexcept;

}  // namespace reprise::http
