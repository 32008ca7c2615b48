#pragma once

#include "reprise/lifecycle/incident_machine.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <string>

namespace reprise::runs {

// Loads, moves and stores an incident with its timeline row. errc::not_found, and apply()'s errors.
result<model::incident> move_incident(
    store::transaction& tx, const std::string& incident_id, const lifecycle::incident_change& change
);

// The incident, which must be there.
result<model::incident> load_incident(const store::reader& from, const std::string& incident_id);
result<model::run> load_run(const store::reader& from, const std::string& run_id);

// What the audit chain gets for an action of a person or the system.
struct audited {
    std::string actor;
    std::string actor_type = "person";
    std::string auth = "session";
    std::string action;
    std::string object;
    std::string detail;  // JSON object.
    std::string request_id;
};

result<void> write_audit(store::transaction& tx, const audited& what, std::int64_t now_ns);

std::string person_actor(const std::string& name);

}  // namespace reprise::runs
