#include "incident_table.hpp"

#include <array>

namespace reprise::lifecycle {
namespace {

using enum model::incident_status;

constexpr std::uint8_t bit(change_cause cause)
{
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(cause));
}

constexpr std::uint8_t work = bit(change_cause::work);
constexpr std::uint8_t person = bit(change_cause::person);
constexpr std::uint8_t gate = bit(change_cause::gate);
constexpr std::uint8_t policy = bit(change_cause::policy);
constexpr std::uint8_t seen_again = bit(change_cause::seen_again);
constexpr std::uint8_t replay = bit(change_cause::replay);
constexpr std::uint8_t gave_up = work | gate;

// The first phase of a status is the one it is entered with when nothing else is said.
constexpr std::array phases = {
    incident_phase{detected, "queued", phase_owner::lease},
    incident_phase{detected, "pending_event", phase_owner::timer},
    incident_phase{detected, "classifying", phase_owner::lease},
    incident_phase{detected, phase_held, phase_owner::person},
    incident_phase{reproducing, "generating", phase_owner::lease},
    incident_phase{reproducing, "running", phase_owner::lease},
    incident_phase{reproducing, "awaiting_approval", phase_owner::person},
    incident_phase{reproduced, "queued", phase_owner::lease},
    incident_phase{reproduced, "awaiting_approval", phase_owner::person},
    incident_phase{diagnosing, "diagnosing", phase_owner::lease},
    incident_phase{diagnosing, "grounding", phase_owner::lease},
    incident_phase{diagnosing, "second_opinion", phase_owner::lease},
    incident_phase{diagnosed, "queued", phase_owner::lease},
    incident_phase{diagnosed, "planned", phase_owner::lease},
    incident_phase{fixing, "preparing", phase_owner::lease},
    incident_phase{fixing, "attempt", phase_owner::lease},
    incident_phase{fixing, "sandbox", phase_owner::lease},
    incident_phase{fixing, "confirming", phase_owner::lease},
    incident_phase{fixing, "evaluating", phase_owner::lease},
    incident_phase{fixing, "self_review", phase_owner::lease},
    incident_phase{fixing, "awaiting_approval", phase_owner::person},
    incident_phase{submitted, "ticket_open", phase_owner::person},
    incident_phase{submitted, "pr_open", phase_owner::person},
    incident_phase{submitted, "ci", phase_owner::timer},
    incident_phase{submitted, "merged", phase_owner::timer},
    incident_phase{submitted, "deploying", phase_owner::timer},
    incident_phase{submitted, "verifying", phase_owner::lease},
    incident_phase{resolved, "", phase_owner::nobody},
    incident_phase{needs_human, "", phase_owner::person},
    incident_phase{wontfix, "", phase_owner::nobody},
    incident_phase{noise, "", phase_owner::nobody},
    incident_phase{duplicate, "", phase_owner::nobody},
    incident_phase{rejected, "", phase_owner::nobody},
};

constexpr std::array edges = {
    incident_edge{detected, reproducing, work},
    incident_edge{detected, diagnosing, policy},
    incident_edge{detected, noise, work | person},
    incident_edge{detected, duplicate, work | person},
    incident_edge{detected, needs_human, gave_up},
    incident_edge{detected, resolved, person},
    incident_edge{detected, wontfix, person},

    incident_edge{reproducing, reproduced, work},
    incident_edge{reproducing, needs_human, gave_up},
    incident_edge{reproducing, resolved, person},
    incident_edge{reproducing, wontfix, person},

    incident_edge{reproduced, diagnosing, work},
    incident_edge{reproduced, submitted, gate},
    incident_edge{reproduced, rejected, gate | person},
    incident_edge{reproduced, needs_human, gave_up},
    incident_edge{reproduced, resolved, person},
    incident_edge{reproduced, wontfix, person},

    incident_edge{diagnosing, diagnosed, work},
    incident_edge{diagnosing, needs_human, gave_up},
    incident_edge{diagnosing, resolved, person},
    incident_edge{diagnosing, wontfix, person},

    incident_edge{diagnosed, fixing, work},
    incident_edge{diagnosed, submitted, gate},
    incident_edge{diagnosed, needs_human, gave_up},
    incident_edge{diagnosed, resolved, person},
    incident_edge{diagnosed, wontfix, person},

    incident_edge{fixing, submitted, gate},
    incident_edge{fixing, rejected, gate | person},
    incident_edge{fixing, needs_human, gave_up},
    incident_edge{fixing, resolved, person},
    incident_edge{fixing, wontfix, person},

    incident_edge{submitted, resolved, work | person},
    incident_edge{submitted, fixing, work | person},
    incident_edge{submitted, rejected, gate | person},
    incident_edge{submitted, needs_human, gave_up},
    incident_edge{submitted, wontfix, person},

    incident_edge{resolved, detected, seen_again},

    incident_edge{needs_human, detected, person | replay},
    incident_edge{needs_human, submitted, gate | replay},
    incident_edge{needs_human, diagnosed, gate | replay},
    incident_edge{needs_human, fixing, person | replay},
    incident_edge{needs_human, resolved, person},
    incident_edge{needs_human, wontfix, person},
    incident_edge{needs_human, rejected, gate | person},
    incident_edge{needs_human, reproducing, replay},
    incident_edge{needs_human, reproduced, replay},
    incident_edge{needs_human, diagnosing, replay},

    incident_edge{wontfix, detected, person},
    incident_edge{noise, detected, person | seen_again},
    incident_edge{duplicate, detected, person},
    incident_edge{rejected, detected, person},
};

constexpr std::array reasons = {
    human_reason{"not_reproduced",
        "The replay did not show the problem in any trial.",
        "Check that the target runs the version and data that failed, then retry; or publish anyway."},
    human_reason{"flaky",
        "The replay showed the problem in some trials only.",
        "Look at the trials; retry with more traffic in the evidence, or publish anyway."},
    human_reason{"inconclusive",
        "The replay could not decide: too few answers, a broken control, a last-good target that shows it too, or "
        "redacted input.",
        "Read the verdict's reason, repair the target, then retry; or publish anyway."},
    human_reason{"no_target",
        "The service has no replay target.",
        "Set a target of the allow-list in the service's settings, then reproduce; or publish anyway."},
    human_reason{"no_evidence",
        "There is no evidence bundle that could be replayed.",
        "Wait for the next occurrence and retry, or publish anyway."},
    human_reason{"approval_expired",
        "Nobody decided in time.",
        "Retry, or publish anyway; both ask again."},
    human_reason{"approval_lapsed",
        "It was approved, but not carried out in time.",
        "Publish anyway; it asks again."},
    human_reason{"changes_requested",
        "An approver asked for changes.",
        "Read the comment, then retry, publish anyway or skip."},
    human_reason{"stopped",
        "An approver stopped it here.",
        "Retry, resolve or skip."},
    human_reason{"cancelled",
        "A person cancelled the run.",
        "Retry, resolve or skip."},
    human_reason{"publish_failed",
        "What was released could not be written, or nobody knows whether it was.",
        "See the publication's error, repair that, then publish anyway or send the fix again."},
    human_reason{"dead_letter",
        "The run failed in every attempt.",
        "See the run's error, then replay the run or retry."},
    human_reason{"low_confidence",
        "The diagnosis is uncertain.",
        "Read it, then fix anyway or resolve."},
    human_reason{"ungrounded",
        "The diagnosis names things that are not in the evidence.",
        "Retry, or diagnose by hand."},
    human_reason{"fix_exhausted",
        "No attempt produced a fix that holds.",
        "Read the attempts; add notes and refix."},
    human_reason{"baseline_red",
        "The tests fail without the fix, too.",
        "Repair the tests, then retry."},
    human_reason{"blast_radius",
        "The fix touches more than it may.",
        "Read the diff; refix with notes."},
    human_reason{"dod_failed",
        "The fix misses the definition of done.",
        "Read the report; refix with notes."},
    human_reason{"eval_failed",
        "The evaluation turned the fix down.",
        "Read the report; refix with notes."},
    human_reason{"verify_failed",
        "The problem is still there after the deployment.",
        "Refix with notes, or resolve."},
    human_reason{"pr_closed",
        "The pull request was closed without a merge.",
        "Refix with notes, or skip."},
};

}  // namespace

std::span<const incident_phase> incident_phases() noexcept
{
    return phases;
}

std::span<const incident_edge> incident_edges() noexcept
{
    return edges;
}

std::span<const human_reason> human_reasons() noexcept
{
    return reasons;
}

std::optional<human_reason> find_reason(std::string_view code) noexcept
{
    for (const human_reason& one : reasons) {
        if (one.code == code)
            return one;
    }
    return std::nullopt;
}

bool is_terminal(model::incident_status status) noexcept
{
    return status == resolved || status == wontfix || status == noise || status == duplicate || status == rejected;
}

const incident_edge* find_edge(model::incident_status from, model::incident_status to) noexcept
{
    for (const incident_edge& one : edges) {
        if (one.from == from && one.to == to)
            return &one;
    }
    return nullptr;
}

const incident_phase* find_phase(model::incident_status status, std::string_view name) noexcept
{
    for (const incident_phase& one : phases) {
        if (one.status == status && one.name == name)
            return &one;
    }
    return nullptr;
}

std::string_view first_phase(model::incident_status status) noexcept
{
    for (const incident_phase& one : phases) {
        if (one.status == status)
            return one.name;
    }
    return {};
}

std::string place_text(model::incident_status status, std::string_view phase, std::string_view reason)
{
    std::string text(model::to_text(status));
    if (!phase.empty())
        text.append("/").append(phase);
    if (!reason.empty())
        text.append("(").append(reason).append(")");
    return text;
}

std::optional<place> find_place(std::string_view text)
{
    place found;
    if (text.ends_with(')')) {
        const auto open = text.find('(');
        if (open == std::string_view::npos)
            return std::nullopt;
        found.reason = text.substr(open + 1, text.size() - open - 2);
        text = text.substr(0, open);
    }
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        found.phase = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const auto status = model::find_incident_status(text);
    if (!status || find_phase(*status, found.phase) == nullptr)
        return std::nullopt;
    found.status = *status;
    return found;
}

}  // namespace reprise::lifecycle
