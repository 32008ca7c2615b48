#include "reprise/lifecycle/approval_machine.hpp"

#include "approval_people.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

using enum model::approval_state;

constexpr std::array edges = {
    approval_edge{pending, approved},
    approval_edge{pending, rejected},
    approval_edge{pending, changes_requested},
    approval_edge{pending, stopped},
    approval_edge{pending, expired},
    approval_edge{pending, voided},
    approval_edge{approved, executed},
    approval_edge{approved, lapsed},
    approval_edge{approved, voided},
};

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

model::approval moved(const model::approval& approval, model::approval_state to)
{
    model::approval next = approval;
    next.state = to;
    next.version += 1;
    return next;
}

// May this person decide on this approval now?
result<void> check_person(
    const model::approval& approval, std::span<const model::decision> earlier, const decision_attempt& attempt
)
{
    const bool by_slack = attempt.auth == auth_kind::slack && approval.risk < model::risk::critical;
    const bool is_proven = attempt.auth == auth_kind::session || by_slack;
    if (!is_proven || attempt.person.kind != model::person_kind::person)
        return errc::not_a_person;
    if (attempt.person.disabled || !attempt.person.roles.approver)
        return errc::not_approver;
    const bool late = approval.state == pending && attempt.now_ns >= approval.expires_ns;
    if (late || approval.state == expired)
        return errc::expired;
    if (approval.state != pending)
        return errc::already_decided;
    if (attempt.content_hash != approval.content_hash)
        return errc::hash_mismatch;
    if (has_own_part(approval, attempt.person) != own_part::none)
        return errc::self_review;
    return has_approved(earlier, attempt.person) ? errc::same_person : result<void>();
}

result<void> check_words(const model::approval& approval, const decision_attempt& attempt)
{
    if (attempt.comment.size() > comment_bytes_max)
        return reprise::errc::too_large;
    const bool says_why =
        attempt.kind == model::decision_kind::reject || attempt.kind == model::decision_kind::request_changes;
    if (says_why && is_blank(attempt.comment))
        return errc::comment_required;
    const bool confirms = attempt.kind == model::decision_kind::approve && approval.risk == model::risk::critical;
    if (confirms && attempt.confirm != std::string_view(approval.content_hash).substr(0, confirm_digits))
        return errc::confirmation_required;
    return {};
}

model::approval_state end_state(model::decision_kind kind)
{
    switch (kind) {
    case model::decision_kind::approve: return approved;
    case model::decision_kind::request_changes: return changes_requested;
    case model::decision_kind::reject: return rejected;
    case model::decision_kind::stop: return stopped;
    }
    return rejected;
}

}  // namespace

bool passes_by_itself(model::risk risk, const approval_policy& policy) noexcept
{
    return risk <= model::risk::medium && policy.passes_up_to && risk <= *policy.passes_up_to;
}

std::uint32_t approvals_needed(model::risk risk, const approval_policy& policy) noexcept
{
    if (passes_by_itself(risk, policy))
        return 0;
    return risk == model::risk::critical ? std::max(policy.approvals_critical, 1U) : 1U;
}

std::span<const approval_edge> approval_edges() noexcept
{
    return edges;
}

bool is_edge(model::approval_state from, model::approval_state to) noexcept
{
    return std::any_of(
        edges.begin(), edges.end(), [=](const approval_edge& one) { return one.from == from && one.to == to; }
    );
}

model::approval open_approval(const approval_request& request, const approval_policy& policy)
{
    model::approval opened;
    opened.id = request.id;
    opened.run_id = request.run_id;
    opened.incident_id = request.incident_id;
    opened.action = request.action;
    opened.summary = request.summary;
    opened.content = request.content;
    opened.content_hash = sha256_hex(request.content);
    opened.risk = request.risk;
    opened.risk_reasons = request.risk_reasons;
    opened.approvals_needed = approvals_needed(request.risk, policy);
    opened.requested_by = request.requested_by;
    opened.edited_by = request.edited_by;
    opened.generation = request.generation;
    opened.severity = request.severity;
    opened.evidence_sha256 = request.evidence_sha256;
    opened.created_ns = request.now_ns;
    if (opened.approvals_needed == 0) {
        opened.state = approved;
        opened.decided_ns = request.now_ns;
        opened.expires_ns = request.now_ns + policy.execute_within_ns;
        return opened;
    }
    const bool critical = request.risk == model::risk::critical;
    opened.expires_ns = request.now_ns + (critical ? policy.pending_critical_ns : policy.pending_ns);
    return opened;
}

auth_kind auth_kind_of(std::string_view text) noexcept
{
    if (text == "session")
        return auth_kind::session;
    if (text == "slack")
        return auth_kind::slack;
    if (text == "token")
        return auth_kind::token;
    if (text == "service_account")
        return auth_kind::service_account;
    return text == "agent" ? auth_kind::agent : auth_kind::unknown;
}

result<decision_outcome> decide(
    const model::approval& approval, std::span<const model::decision> earlier, const decision_attempt& attempt,
    const approval_policy& policy
)
{
    if (const auto allowed = check_person(approval, earlier, attempt); !allowed)
        return allowed.error();
    const bool approves = attempt.kind == model::decision_kind::approve;
    if (approves && needs_reauthentication(approval, attempt.authenticated_ns, attempt.now_ns, policy))
        return errc::reauthentication_required;
    if (const auto worded = check_words(approval, attempt); !worded)
        return worded.error();

    decision_outcome outcome;
    outcome.decision = {approval.id,     attempt.person.name,   attempt.kind,
                        attempt.comment, attempt.content_hash, attempt.now_ns};
    outcome.approvals_given = count_approvals(earlier);
    if (approves) {
        outcome.approvals_given += 1;
        if (outcome.approvals_given < approval.approvals_needed) {
            outcome.approval = moved(approval, pending);
            return outcome;
        }
    }
    outcome.approval = moved(approval, end_state(attempt.kind));
    outcome.approval.decided_ns = attempt.now_ns;
    if (outcome.approval.state == approved)
        outcome.approval.expires_ns = attempt.now_ns + policy.execute_within_ns;
    return outcome;
}

std::uint32_t count_approvals(std::span<const model::decision> decisions) noexcept
{
    const auto approvals = std::count_if(decisions.begin(), decisions.end(), [](const model::decision& one) {
        return one.kind == model::decision_kind::approve;
    });
    return static_cast<std::uint32_t>(approvals);
}

std::optional<model::approval> expire_if_due(const model::approval& approval, std::int64_t now_ns)
{
    if (now_ns < approval.expires_ns)
        return std::nullopt;
    if (approval.state != pending && approval.state != approved)
        return std::nullopt;
    model::approval next = moved(approval, approval.state == pending ? expired : lapsed);
    if (!next.decided_ns)
        next.decided_ns = now_ns;
    return next;
}

std::optional<model::approval> void_if_changed(
    const model::approval& approval, std::string_view content, std::int64_t now_ns
)
{
    if (sha256_hex(content) == approval.content_hash)
        return std::nullopt;
    auto next = void_approval(approval, now_ns);
    if (!next)
        return std::nullopt;
    return std::move(*next);
}

result<model::approval> void_approval(const model::approval& approval, std::int64_t now_ns)
{
    if (!is_edge(approval.state, voided))
        return errc::already_decided;
    model::approval next = moved(approval, voided);
    next.decided_ns = now_ns;
    return next;
}

result<model::approval> execute(
    const model::approval& approval, std::string_view content, std::int64_t now_ns
)
{
    if (approval.state == lapsed)
        return errc::lapsed;
    if (approval.state != approved)
        return errc::already_decided;
    if (now_ns >= approval.expires_ns)
        return errc::lapsed;
    if (sha256_hex(content) != approval.content_hash)
        return errc::hash_mismatch;
    return moved(approval, executed);
}

}  // namespace reprise::lifecycle
