#include "reprise/lifecycle/snooze.hpp"

#include "reprise/base/time_text.hpp"

#include <algorithm>

namespace reprise::lifecycle {
namespace {

// A line of the timeline that moves nothing.
model::incident_event note_of(
    const model::incident& incident, std::string_view actor, std::string why, std::int64_t now_ns
)
{
    model::incident_event event;
    event.incident_id = incident.id;
    event.at_ns = now_ns;
    event.actor = actor;
    event.from = place_text(incident.status, incident.phase, incident.reason);
    event.to = event.from;
    event.why = std::move(why);
    return event;
}

changed_incident note(
    model::incident incident, std::string_view actor, std::string why, std::int64_t now_ns
)
{
    incident.version += 1;
    incident.updated_ns = now_ns;
    changed_incident changed;
    changed.event = note_of(incident, actor, std::move(why), now_ns);
    changed.incident = std::move(incident);
    return changed;
}

void forget_snooze(model::incident& incident)
{
    incident.snoozed_until_ns.reset();
    incident.snooze_reason.clear();
    incident.snoozed_by.clear();
}

}  // namespace

result<snooze_plan> plan_snooze(const model::approval& approval, std::int64_t until_ns, std::int64_t now_ns)
{
    if (approval.state != model::approval_state::pending)
        return errc::already_decided;
    if (approval.expires_ns <= now_ns)
        return errc::expired;
    if (until_ns <= now_ns)
        return errc::time_passed;
    if (until_ns < approval.expires_ns)
        return snooze_plan{until_ns, false};
    const std::int64_t last_call_ns = approval.expires_ns - (approval.expires_ns - approval.created_ns) / 10;
    if (last_call_ns <= now_ns)
        return errc::expires_first;
    return snooze_plan{last_call_ns, true};
}

result<changed_incident> snooze(const model::incident& incident, const incident_snooze& wanted)
{
    if (is_terminal(incident.status))
        return errc::illegal_transition;
    if (wanted.until_ns <= wanted.now_ns)
        return errc::time_passed;
    if (wanted.until_ns - wanted.now_ns > incident_snooze_ns_max)
        return errc::too_far;
    if (wanted.reason.empty())
        return errc::comment_required;
    if (wanted.reason.size() > snooze_reason_bytes_max)
        return reprise::errc::too_large;
    model::incident next = incident;
    next.snoozed_until_ns = wanted.until_ns;
    next.snooze_reason = wanted.reason;
    next.snoozed_by = wanted.person;
    std::string why = "snoozed until " + format_rfc3339(wanted.until_ns) + ": " + wanted.reason;
    return note(std::move(next), "user:" + wanted.person, std::move(why), wanted.now_ns);
}

result<changed_incident> end_snooze(
    const model::incident& incident, std::string_view actor, std::string_view why, std::int64_t now_ns
)
{
    if (!incident.snoozed_until_ns)
        return errc::not_snoozed;
    model::incident next = incident;
    forget_snooze(next);
    return note(std::move(next), actor, std::string(why), now_ns);
}

bool raise_severity(model::incident& incident, model::severity seen)
{
    if (seen <= incident.severity)
        return false;
    incident.severity = seen;
    if (!incident.snoozed_until_ns)
        return false;
    forget_snooze(incident);
    return true;
}

model::incident_event return_event(const model::incident& incident, std::string_view actor, std::int64_t now_ns)
{
    std::string why = "its severity rose to ";
    why += model::to_text(incident.severity);
    return note_of(incident, actor, why + ": it is not snoozed any more", now_ns);
}

result<changed_incident> assign(
    const model::incident& incident, std::string_view assignee, std::string_view by, std::int64_t now_ns
)
{
    if (incident.assigned_to == assignee)
        return errc::unchanged;
    model::incident next = incident;
    next.assigned_to = assignee;
    std::string why = assignee.empty() ? "assigned to nobody" : "assigned to " + std::string(assignee);
    return note(std::move(next), "user:" + std::string(by), std::move(why), now_ns);
}

}  // namespace reprise::lifecycle
