#include "reprise/lifecycle/incident_machine.hpp"

#include "incident_table.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

using model::incident_status;

constexpr std::array<std::string_view, 5> action_texts = {"retry", "skip", "resolve", "reproduce", "publish"};

// Where the change leads and whether it is a change at all.
result<void> check(const model::incident& incident, const incident_change& change, const place& target)
{
    if (change.expected_version && *change.expected_version != incident.version)
        return reprise::errc::stale;
    if (target.status == incident.status) {
        const bool same = target.phase == incident.phase && target.reason == incident.reason;
        if (same || is_terminal(incident.status))
            return errc::illegal_transition;
    } else {
        const incident_edge* edge = find_edge(incident.status, target.status);
        if (edge == nullptr || !edge->open_for(change.cause))
            return errc::illegal_transition;
        if (change.cause == change_cause::replay && incident.reason != "dead_letter")
            return errc::illegal_transition;
    }
    if (find_phase(target.status, target.phase) == nullptr)
        return errc::unknown_phase;
    if (target.status != incident_status::needs_human)
        return {};
    if (target.reason.empty())
        return errc::reason_required;
    return find_reason(target.reason) ? result<void>() : errc::unknown_reason;
}

bool has_edge(const model::incident& incident, incident_status to, change_cause cause)
{
    const incident_edge* edge = find_edge(incident.status, to);
    return edge != nullptr && edge->open_for(cause);
}

// Statuses in which the outcome of this kind of run is awaited.
bool is_awaited(model::run_kind kind, incident_status status)
{
    switch (kind) {
    case model::run_kind::reproduce:
        return status == incident_status::detected || status == incident_status::reproducing
            || status == incident_status::reproduced;
    case model::run_kind::publish:
        return status == incident_status::reproduced || status == incident_status::needs_human;
    case model::run_kind::fix:
        return status == incident_status::needs_human || status == incident_status::fixing;
    }
    return false;
}

}  // namespace

result<changed_incident> apply(const model::incident& incident, const incident_change& change)
{
    place target;
    target.status = change.to;
    target.phase = change.phase.empty() ? std::string(first_phase(change.to)) : change.phase;
    if (change.to == incident_status::needs_human)
        target.reason = change.reason;
    if (const auto checked = check(incident, change, target); !checked)
        return checked.error();

    changed_incident changed{incident, {}};
    model::incident& next = changed.incident;
    next.status = target.status;
    next.phase = target.phase;
    next.reason = target.reason;
    next.version += 1;
    next.updated_ns = change.now_ns;
    if (is_terminal(target.status)) {
        next.snoozed_until_ns.reset();
        next.snooze_reason.clear();
        next.snoozed_by.clear();
    }
    if (target.status != incident.status) {
        next.resolved_ns.reset();
        if (target.status == incident_status::resolved)
            next.resolved_ns = change.now_ns;
        if (target.status == incident_status::resolved || target.status == incident_status::detected)
            next.recurred = false;
        if (target.status == incident_status::detected && change.cause != change_cause::replay)
            next.generation += 1;
    }
    changed.event.incident_id = incident.id;
    changed.event.at_ns = change.now_ns;
    changed.event.actor = change.actor;
    changed.event.from = place_text(incident.status, incident.phase, incident.reason);
    changed.event.to = place_text(next.status, next.phase, next.reason);
    changed.event.why = change.why;
    return changed;
}

bool is_allowed(const model::incident& incident, person_action action)
{
    switch (action) {
    case person_action::retry: return has_edge(incident, incident_status::detected, change_cause::person);
    case person_action::skip: return has_edge(incident, incident_status::wontfix, change_cause::person);
    case person_action::resolve: return has_edge(incident, incident_status::resolved, change_cause::person);
    case person_action::reproduce:
        return incident.status == incident_status::needs_human
            && has_edge(incident, incident_status::detected, change_cause::person);
    case person_action::publish:
        return incident.status == incident_status::needs_human
            && has_edge(incident, incident_status::submitted, change_cause::gate);
    }
    return false;
}

std::vector<person_action> allowed_actions(const model::incident& incident)
{
    std::vector<person_action> actions;
    for (std::size_t i = 0; i < action_texts.size(); ++i) {
        const auto action = static_cast<person_action>(i);
        if (is_allowed(incident, action))
            actions.push_back(action);
    }
    return actions;
}

std::string_view to_text(person_action value) noexcept
{
    return action_texts[static_cast<std::size_t>(value)];
}

std::optional<person_action> find_person_action(std::string_view text) noexcept
{
    const auto found = std::find(action_texts.begin(), action_texts.end(), text);
    if (found == action_texts.end())
        return std::nullopt;
    return static_cast<person_action>(found - action_texts.begin());
}

std::optional<std::string> find_discard_reason(const model::incident& incident, const model::run& run)
{
    if (run.generation != incident.generation)
        return "the incident is at generation " + std::to_string(incident.generation)
            + ", this work was for generation " + std::to_string(run.generation);
    if (!is_awaited(run.kind, incident.status))
        return "the incident moved to " + place_text(incident.status, incident.phase, incident.reason);
    return std::nullopt;
}

std::optional<changed_incident> dead_letter(
    const model::incident& incident, const model::run& run, std::int64_t now_ns
)
{
    if (find_discard_reason(incident, run))
        return std::nullopt;
    incident_change change;
    change.to = incident_status::needs_human;
    change.reason = "dead_letter";
    change.cause = change_cause::work;
    change.actor = "run:" + run.id;
    change.why = "The " + std::string(model::to_text(run.kind)) + " run failed in all "
        + std::to_string(run.attempt) + (run.attempt == 1 ? " attempt" : " attempts")
        + (run.error.empty() ? "." : ": " + run.error);
    change.now_ns = now_ns;
    auto changed = apply(incident, change);
    if (!changed)
        return std::nullopt;
    return std::move(*changed);
}

result<changed_incident> restore_after_dead_letter(
    const model::incident& incident, const model::run& run, const model::incident_event& event,
    std::string_view actor, std::int64_t now_ns
)
{
    const bool waits = incident.status == incident_status::needs_human && incident.reason == "dead_letter";
    if (!waits || run.generation != incident.generation || event.incident_id != incident.id
        || event.actor != "run:" + run.id || event.to != place_text(incident.status, incident.phase, incident.reason))
        return errc::illegal_transition;
    auto before = find_place(event.from);
    if (!before)
        return reprise::errc::corrupt;
    incident_change change;
    change.to = before->status;
    change.phase = std::move(before->phase);
    change.reason = std::move(before->reason);
    change.cause = change_cause::replay;
    change.actor = actor;
    change.why = "The dead-lettered run is replayed.";
    change.now_ns = now_ns;
    return apply(incident, change);
}

}  // namespace reprise::lifecycle
