#pragma once

#include "alarm_text.hpp"

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/signal.hpp"
#include "reprise/pipeline/alarms.hpp"

#include <optional>
#include <string>
#include <vector>

// Which incident an alarm is about, and what the alarm changes there. Inside the caller's transaction.
namespace reprise::pipeline {

// A past incident that is alike but does not stand for the alarm.
struct alarm_hint {
    std::string other_id;
    double score = 0;
    std::string text;
};

struct alarm_match {
    std::optional<model::incident> incident;  // As the live store has it.
    store::dedup_layer layer = store::dedup_layer::none;
    std::string why;                          // One sentence, for the timeline.
    std::optional<alarm_hint> regression;
    std::vector<alarm_hint> similar;          // The best first.
};

result<alarm_match> find_alarm_incident(const store::reader& from, const told_alarm& told);

// Whether counting the alarm there starts work: no incident, or one that this would reopen.
bool starts_work(const alarm_match& match, const told_alarm& told);

// Who lets it in and how many events it stands for.
struct alarm_entry {
    std::string actor = "pipeline";
    std::uint64_t occurrences = 1;
    std::int64_t now_ns = 0;
};

// Opens the incident, or counts it. Fills fate, incident, layer, hints and runs of the outcome.
result<void> place_alarm(
    store::transaction& tx, const told_alarm& told, const alarm_match& match, const alarm_policy& policy,
    const alarm_entry& entry, alarm_outcome& outcome
);

// The source says that it is over: a line at the open incident of its group. Its id, empty when there is none.
result<std::string> note_all_clear(store::transaction& tx, const told_alarm& told, std::int64_t now_ns);

// The one open incident that only alarms told of and that this signal is about, by service, time and route.
result<std::optional<model::incident>> find_told_incident(const store::reader& from, const model::signal& signal);

// Whether it has no captured traffic yet and could use some.
result<bool> lacks_evidence(const store::reader& from, const model::incident& incident);

}  // namespace reprise::pipeline
