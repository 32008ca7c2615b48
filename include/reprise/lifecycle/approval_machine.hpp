#pragma once

#include "reprise/lifecycle/error.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/person.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Who may release what, and for how long. Pure functions over values; the caller stores the answer
// (compare-and-set on `version`) with the decision, the audit row and the run's move in one transaction.
//
// People are known by `person.name`, which must be unique and stay the person's: runs name their
// starter "user:<name>", decisions their author "<name>".
namespace reprise::lifecycle {

struct approval_policy {
    // Risks up to this one pass by themselves; none: everything waits. HIGH and CRITICAL never pass,
    // whatever stands here.
    std::optional<model::risk> passes_up_to = model::risk::medium;
    std::uint32_t approvals_critical = 2;  // At least 1; every other level that waits needs one.
    std::int64_t pending_ns = 24LL * 3'600'000'000'000;
    std::int64_t pending_critical_ns = 4LL * 3'600'000'000'000;
    std::int64_t execute_within_ns = 3'600'000'000'000;  // After the approval; later it must be asked again.
    std::int64_t reauthenticate_within_ns = 600'000'000'000;  // CRITICAL: the longest ago a sign-in may be.
};

bool passes_by_itself(model::risk risk, const approval_policy& policy) noexcept;
// 0 when the level passes by itself.
std::uint32_t approvals_needed(model::risk risk, const approval_policy& policy) noexcept;

struct approval_edge {
    model::approval_state from;
    model::approval_state to;
};

std::span<const approval_edge> approval_edges() noexcept;
bool is_edge(model::approval_state from, model::approval_state to) noexcept;

struct approval_request {
    std::string id;
    std::string run_id;
    std::string incident_id;
    std::string action;
    std::string summary;
    std::string content;  // Canonical JSON of exactly what will happen.
    model::risk risk = model::risk::high;
    std::vector<std::string> risk_reasons;
    std::string requested_by;
    std::string edited_by;
    // What it is asked on; see model::approval.
    std::int64_t generation = 0;
    model::severity severity = model::severity::critical;
    std::string evidence_sha256;
    std::int64_t now_ns = 0;
};

// Pending, with the hash of the content and the level's clock; approved at once when the level passes
// by itself (no decision is recorded: nobody decided). `expires_ns` is the end of waiting while
// pending, and the latest moment to execute once approved.
model::approval open_approval(const approval_request& request, const approval_policy& policy);

// How the caller proved who they are.
enum class auth_kind : std::uint8_t {
    session,          // Signed in at the dashboard: a person.
    slack,            // A person known by their linked Slack user: HIGH at most.
    token,
    service_account,
    agent,
    unknown,          // Anything else; refused like a token.
};

auth_kind auth_kind_of(std::string_view text) noexcept;

struct decision_attempt {
    model::person person;  // Roles as they are now.
    auth_kind auth = auth_kind::unknown;
    model::decision_kind kind = model::decision_kind::approve;
    std::string comment;
    std::string content_hash;  // What the person saw.
    std::string confirm;       // CRITICAL: the first eight digits of the hash.
    std::int64_t authenticated_ns = 0;  // When the session last proved who the person is; 0: never.
    std::int64_t now_ns = 0;
};

struct decision_outcome {
    model::approval approval;
    model::decision decision;
    std::uint32_t approvals_given = 0;  // With this one.
};

constexpr std::size_t confirm_digits = 8;
constexpr std::size_t comment_bytes_max = 8192;  // More is reprise::errc::too_large.

// One decision. The last approval needed makes it approved; one reject, request for changes or stop
// ends it. Checked in this order: not_a_person, not_approver, expired or already_decided,
// hash_mismatch, self_review, same_person, reauthentication_required, comment_required,
// confirmation_required.
result<decision_outcome> decide(
    const model::approval& approval, std::span<const model::decision> earlier, const decision_attempt& attempt,
    const approval_policy& policy
);

// Whether a session that proved at `authenticated_ns` who it is must do so again before it may release this.
bool needs_reauthentication(
    const model::approval& approval, std::int64_t authenticated_ns, std::int64_t now_ns, const approval_policy& policy
) noexcept;

// The approvals among `decisions`.
std::uint32_t count_approvals(std::span<const model::decision> decisions) noexcept;

// Clock: pending past its end is expired, approved past its end is lapsed. Empty when nothing is due.
std::optional<model::approval> expire_if_due(const model::approval& approval, std::int64_t now_ns);

// Content that is not, byte for byte, what was asked voids a pending or approved approval. Empty when
// nothing changed.
std::optional<model::approval> void_if_changed(
    const model::approval& approval, std::string_view content, std::int64_t now_ns
);
// The reason for asking is gone (run cancelled, incident moved). Errors: already_decided.
result<model::approval> void_approval(const model::approval& approval, std::int64_t now_ns);

// Last check before the outside hears of it. Errors: already_decided when it is not approved, lapsed,
// hash_mismatch.
result<model::approval> execute(
    const model::approval& approval, std::string_view content, std::int64_t now_ns
);

// How much of a pending approval's time is over, in percent, when people should be told and were not yet: 50 or 90.
std::optional<std::uint32_t> find_reminder(const model::approval& approval, std::int64_t now_ns) noexcept;

// Why what was asked is not what is any more: the incident started over, got worse, or the evidence was replaced.
// Empty while it holds. `evidence_sha256` of the run's evidence as it is now; empty when there is none.
std::optional<std::string> find_void_reason(
    const model::approval& approval, const model::incident& incident, std::string_view evidence_sha256
);

struct edited_content {
    std::string id;         // Of the new approval.
    std::string summary;
    std::string content;
    std::string edited_by;  // "user:<name>"
    std::int64_t now_ns = 0;
};

struct edited_approval {
    std::optional<model::approval> voided;  // The one before, when it was still pending.
    model::approval opened;                 // Asks for the new content, with its whole time.
};

// People edit what waits (pending) or was sent back (changes_requested). Errors: not_editable, expired,
// unchanged.
result<edited_approval> edit_content(
    const model::approval& approval, const edited_content& edited, const approval_policy& policy
);

struct decider {
    std::string person_id;
    std::string name;
    bool may_decide = false;
    std::string why;  // "started this run", "role operator", "already approved"; empty when free.
};

// One row per person, in their order; a service account never may.
std::vector<decider> who_may_decide(
    const model::approval& approval, std::span<const model::decision> decisions, std::span<const model::person> people
);

// One sentence per level that needs more approvers than there are; empty when all is well.
std::vector<std::string> approvers_missing(std::span<const model::person> people, const approval_policy& policy);

}  // namespace reprise::lifecycle
