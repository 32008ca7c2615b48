#include "reprise/lifecycle/incident_machine.hpp"

#include <algorithm>
#include <cassert>

namespace reprise::lifecycle {
namespace {

using model::incident_status;

occurrence_rule rule_when_resolved(const model::incident& known, std::int64_t seen_ns)
{
    const std::int64_t resolved_ns = known.resolved_ns.value_or(known.updated_ns);
    // A late record of the time before says nothing about the time after.
    if (seen_ns <= resolved_ns)
        return occurrence_rule::count;
    return seen_ns - resolved_ns > reopen_after_ns ? occurrence_rule::reopen : occurrence_rule::recurred;
}

void reopen(counted_incident& counted, const occurrence& seen)
{
    incident_change change;
    change.to = incident_status::detected;
    change.cause = change_cause::seen_again;
    change.actor = seen.actor;
    change.why = seen.why;
    change.now_ns = seen.now_ns;
    auto changed = apply(counted.incident, change);
    assert(changed);
    counted.incident = std::move(changed->incident);
    counted.event = std::move(changed->event);
    counted.enqueue_work = true;
}

void mark_recurred(counted_incident& counted, const occurrence& seen)
{
    model::incident& incident = counted.incident;
    incident.version += 1;
    if (incident.recurred)
        return;
    incident.recurred = true;
    model::incident_event event;
    event.incident_id = incident.id;
    event.at_ns = seen.now_ns;
    event.actor = seen.actor;
    event.from = place_text(incident.status, incident.phase, incident.reason);
    event.to = event.from;
    event.why = seen.why;
    counted.event = std::move(event);
}

}  // namespace

occurrence_rule find_occurrence_rule(
    const model::incident* known, std::int64_t seen_ns, std::uint64_t added, std::uint64_t noise_occurrences
)
{
    if (known == nullptr)
        return occurrence_rule::create;
    if (known->status == incident_status::resolved)
        return rule_when_resolved(*known, seen_ns);
    const bool grown = noise_occurrences > 0 && (known->occurrences + added) / noise_growth >= noise_occurrences;
    if (known->status == incident_status::noise && grown)
        return occurrence_rule::reclassify;
    return occurrence_rule::count;
}

counted_incident count_occurrence(const model::incident& incident, const occurrence& seen)
{
    counted_incident counted;
    counted.incident = incident;
    counted.rule = find_occurrence_rule(&incident, seen.seen_ns, seen.added, seen.noise_occurrences);
    counted.incident.occurrences += seen.added;
    counted.incident.first_seen_ns = std::min(incident.first_seen_ns, seen.seen_ns);
    counted.incident.last_seen_ns = std::max(incident.last_seen_ns, seen.seen_ns);
    counted.incident.updated_ns = seen.now_ns;
    switch (counted.rule) {
    case occurrence_rule::reopen:
    case occurrence_rule::reclassify: reopen(counted, seen); break;
    case occurrence_rule::recurred: mark_recurred(counted, seen); break;
    case occurrence_rule::create:
    case occurrence_rule::count: counted.incident.version += 1; break;
    }
    return counted;
}

}  // namespace reprise::lifecycle
