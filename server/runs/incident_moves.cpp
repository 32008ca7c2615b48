#include "incident_moves.hpp"

#include "reprise/store/audit.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/runs.hpp"

namespace reprise::runs {

result<model::incident> load_incident(const store::reader& from, const std::string& incident_id)
{
    auto found = store::find_incident(from, incident_id);
    if (!found)
        return found.error();
    if (!*found)
        return errc::not_found;
    return std::move(**found);
}

result<model::run> load_run(const store::reader& from, const std::string& run_id)
{
    auto found = store::find_run(from, run_id);
    if (!found)
        return found.error();
    if (!*found)
        return errc::not_found;
    return std::move(**found);
}

result<model::incident> move_incident(
    store::transaction& tx, const std::string& incident_id, const lifecycle::incident_change& change
)
{
    const auto incident = load_incident(tx, incident_id);
    if (!incident)
        return incident.error();
    auto moved = lifecycle::apply(*incident, change);
    if (!moved)
        return moved.error();
    if (auto saved = store::save_incident(tx, moved->incident, incident->version, moved->event); !saved)
        return saved.error();
    return std::move(moved->incident);
}

result<void> write_audit(store::transaction& tx, const audited& what, std::int64_t now_ns)
{
    store::audit_entry entry;
    entry.actor = what.actor;
    entry.actor_type = what.actor_type;
    entry.auth = what.auth;
    entry.action = what.action;
    entry.object = what.object;
    entry.detail = what.detail.empty() ? "{}" : what.detail;
    entry.request_id = what.request_id;
    entry.at_ns = now_ns;
    const auto appended = store::append_audit(tx, entry);
    if (!appended)
        return appended.error();
    return {};
}

std::string person_actor(const std::string& name)
{
    return "user:" + name;
}

}  // namespace reprise::runs
