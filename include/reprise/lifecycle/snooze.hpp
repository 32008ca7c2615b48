#pragma once

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/incident.hpp"

#include <cstdint>
#include <string>

// Putting off what waits for people: it leaves the list and comes back by itself. Nothing else changes: clocks run,
// runs go on, reminders are sent. Pure functions over values.
namespace reprise::lifecycle {

// An incident may be out of sight for so long at most.
constexpr std::int64_t incident_snooze_ns_max = 30LL * 24 * 3600 * 1'000'000'000;
constexpr std::size_t snooze_reason_bytes_max = 1000;  // More is reprise::errc::too_large.

// Until when an approval is out of one person's sight.
struct snooze_plan {
    std::int64_t until_ns = 0;
    // It expires before the time that was asked for, so it comes back earlier: when a tenth of its time is left.
    bool expires_first = false;
};

// Errors: already_decided, expired; time_passed when `until_ns` is not ahead; expires_first when the expiry is nearer
// than that and a tenth of its time or less is left.
result<snooze_plan> plan_snooze(const model::approval& approval, std::int64_t until_ns, std::int64_t now_ns);

struct incident_snooze {
    std::int64_t until_ns = 0;
    std::string reason;
    std::string person;  // Their name.
    std::int64_t now_ns = 0;
};

// Errors: illegal_transition for one that is over, time_passed, too_far, comment_required without a reason,
// reprise::errc::too_large.
result<changed_incident> snooze(const model::incident& incident, const incident_snooze& wanted);

// Back into the list; `why` is for the timeline. Errors: not_snoozed.
result<changed_incident> end_snooze(
    const model::incident& incident, std::string_view actor, std::string_view why, std::int64_t now_ns
);

// The worse of both. A snooze ends with that: it was about something less bad. True when it did; the caller stores
// the incident with return_event().
bool raise_severity(model::incident& incident, model::severity seen);
model::incident_event return_event(const model::incident& incident, std::string_view actor, std::int64_t now_ns);

// `assignee` is a person's name; empty takes it from whoever has it. Errors: unchanged.
result<changed_incident> assign(
    const model::incident& incident, std::string_view assignee, std::string_view by, std::int64_t now_ns
);

}  // namespace reprise::lifecycle
