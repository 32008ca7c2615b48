#include "reprise/base/hash.hpp"
#include "reprise/lifecycle/approval_machine.hpp"

#include <array>

// What happens to an approval without a decision: time passes, what it was asked on moves, people edit it.
namespace reprise::lifecycle {
namespace {

constexpr std::array<std::uint32_t, 2> reminders = {90, 50};  // Percent, the later one first.

std::string name(model::severity severity)
{
    return std::string(model::to_text(severity));
}

}  // namespace

bool needs_reauthentication(
    const model::approval& approval, std::int64_t authenticated_ns, std::int64_t now_ns, const approval_policy& policy
) noexcept
{
    if (approval.risk != model::risk::critical)
        return false;
    return authenticated_ns <= 0 || now_ns - authenticated_ns > policy.reauthenticate_within_ns;
}

std::optional<std::uint32_t> find_reminder(const model::approval& approval, std::int64_t now_ns) noexcept
{
    if (approval.state != model::approval_state::pending || now_ns >= approval.expires_ns)
        return std::nullopt;
    const std::int64_t whole_ns = approval.expires_ns - approval.created_ns;
    for (const std::uint32_t percent : reminders) {
        const std::int64_t due_ns = approval.created_ns + whole_ns / 100 * percent;
        if (now_ns >= due_ns)
            return percent > approval.reminded ? std::optional(percent) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> find_void_reason(
    const model::approval& approval, const model::incident& incident, std::string_view evidence_sha256
)
{
    if (approval.generation != 0 && approval.generation != incident.generation)
        return "the incident started over (generation " + std::to_string(incident.generation) + ")";
    if (incident.severity > approval.severity)
        return "the problem got worse: severity " + name(approval.severity) + " is now " + name(incident.severity);
    if (!approval.evidence_sha256.empty() && approval.evidence_sha256 != evidence_sha256)
        return "the evidence is not the one that was seen";
    return std::nullopt;
}

result<edited_approval> edit_content(
    const model::approval& approval, const edited_content& edited, const approval_policy& policy
)
{
    const bool waits = approval.state == model::approval_state::pending;
    if (!waits && approval.state != model::approval_state::changes_requested)
        return errc::not_editable;
    if (edited.now_ns >= approval.expires_ns)
        return errc::expired;
    if (sha256_hex(edited.content) == approval.content_hash)
        return errc::unchanged;
    edited_approval done;
    if (waits) {
        auto voided = void_approval(approval, edited.now_ns);
        if (!voided)
            return voided.error();
        voided->void_reason = "somebody edited it";
        done.voided = std::move(*voided);
    }
    approval_request request;
    request.id = edited.id;
    request.run_id = approval.run_id;
    request.incident_id = approval.incident_id;
    request.action = approval.action;
    request.summary = edited.summary;
    request.content = edited.content;
    request.risk = approval.risk;
    request.risk_reasons = approval.risk_reasons;
    request.requested_by = approval.requested_by;
    request.edited_by = edited.edited_by;
    request.generation = approval.generation;
    request.severity = approval.severity;
    request.evidence_sha256 = approval.evidence_sha256;
    request.now_ns = edited.now_ns;
    done.opened = open_approval(request, policy);
    return done;
}

}  // namespace reprise::lifecycle
