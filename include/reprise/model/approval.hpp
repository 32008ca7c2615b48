#pragma once

#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::model {

enum class approval_state : std::uint8_t {
    pending, approved, rejected, changes_requested, stopped, expired, voided, executed, lapsed,
};

enum class decision_kind : std::uint8_t { approve, request_changes, reject, stop };

// A decision request, bound to the hash of exactly what will happen.
struct approval {
    std::string id;
    std::string run_id;
    std::string incident_id;
    std::string action;          // "ticket", "pull_request", "unsafe_replay".
    std::string summary;         // One sentence: what will happen.
    std::string content;         // Canonical JSON: action, target, title, body, evidence, risk reasons.
    std::string content_hash;    // SHA-256 of `content`, hex.
    model::risk risk = risk::high;
    std::vector<std::string> risk_reasons;
    std::uint32_t approvals_needed = 1;
    std::string requested_by;    // Who started the run.
    std::string edited_by;       // Last who edited the content; empty when nobody did.
    // What it was asked on. When that moves, it is void.
    std::int64_t generation = 0;  // Of the incident; 0: not known.
    model::severity severity = severity::critical;
    std::string evidence_sha256;  // Empty: no evidence.
    std::uint32_t reminded = 0;   // Percent of its time that people were told is over: 0, 50, 90.
    approval_state state = approval_state::pending;
    std::int64_t created_ns = 0;
    std::int64_t expires_ns = 0;
    std::optional<std::int64_t> decided_ns;
    std::string void_reason;      // Why it is void; empty while it is not.
    std::int64_t version = 1;
};

struct decision {
    std::string approval_id;
    std::string user;
    decision_kind kind = decision_kind::approve;
    std::string comment;
    std::string content_hash;  // What the person saw.
    std::int64_t at_ns = 0;
};

std::string_view to_text(approval_state value) noexcept;
std::string_view to_text(decision_kind value) noexcept;
std::optional<approval_state> find_approval_state(std::string_view text) noexcept;
std::optional<decision_kind> find_decision_kind(std::string_view text) noexcept;

}  // namespace reprise::model
