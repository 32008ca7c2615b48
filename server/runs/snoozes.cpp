#include "reprise/runs/snoozes.hpp"

#include "incident_moves.hpp"

#include "reprise/base/canonical_json.hpp"
#include "reprise/base/time_text.hpp"
#include "reprise/store/approvals.hpp"
#include "reprise/store/incidents.hpp"
#include "reprise/store/people.hpp"
#include "reprise/store/snoozes.hpp"

#include <boost/json/object.hpp>

#include <utility>

namespace json = boost::json;

namespace reprise::runs {
namespace {

constexpr const char* clock_actor = "clock";

result<void> audit(
    store::transaction& tx, const care_request& request, std::string action, std::string object, json::object detail,
    std::int64_t now_ns
)
{
    audited row;
    row.actor = person_actor(request.person.name);
    row.actor_type = model::to_text(request.person.kind);
    row.auth = request.auth;
    row.action = std::move(action);
    row.object = std::move(object);
    row.detail = canonical_json(detail);
    row.request_id = request.request_id;
    return write_audit(tx, row, now_ns);
}

result<model::incident> load_expected(const store::reader& from, const care_request& request)
{
    auto incident = load_incident(from, request.id);
    if (incident && request.expected_version && *request.expected_version != incident->version)
        return errc::stale;
    return incident;
}

result<model::incident> store_changed(
    store::transaction& tx, const care_request& request, const model::incident& before,
    result<lifecycle::changed_incident> changed, std::string action, json::object detail
)
{
    if (!changed)
        return changed.error();
    if (auto saved = store::save_incident(tx, changed->incident, before.version, changed->event); !saved)
        return saved.error();
    const std::int64_t now_ns = changed->event.at_ns;
    if (auto kept = audit(tx, request, std::move(action), "incident/" + before.id, std::move(detail), now_ns); !kept)
        return kept.error();
    return std::move(changed->incident);
}

// Somebody who may act on incidents; a name that nobody has is a mistake of typing.
result<void> check_assignee(const store::reader& from, const std::string& name)
{
    if (name.empty())
        return {};
    const auto person = store::find_person_by_name(from, name);
    if (!person)
        return person.error();
    if (!*person)
        return errc::invalid_argument;
    const bool may_act = (*person)->kind == model::person_kind::person && !(*person)->disabled &&
                         (*person)->roles.operator_;
    return may_act ? result<void>() : errc::invalid_argument;
}

}  // namespace

result<lifecycle::snooze_plan> snooze_approval(
    store::transaction& tx, const care_request& request, std::int64_t until_ns, std::int64_t now_ns
)
{
    const auto approval = store::find_approval(tx, request.id);
    if (!approval)
        return approval.error();
    if (!*approval)
        return errc::not_found;
    const auto plan = lifecycle::plan_snooze(**approval, until_ns, now_ns);
    if (!plan)
        return plan;
    if (auto saved = store::save_approval_snooze(tx, request.person.id, {request.id, plan->until_ns, now_ns}); !saved)
        return saved.error();
    json::object detail{{"until", format_rfc3339(plan->until_ns)}};
    auto kept = audit(tx, request, "approval.snooze", "approval/" + request.id, std::move(detail), now_ns);
    if (!kept)
        return kept.error();
    return plan;
}

result<void> end_approval_snooze(store::transaction& tx, const care_request& request, std::int64_t now_ns)
{
    if (auto gone = store::delete_approval_snooze(tx, request.person.id, request.id, now_ns); !gone)
        return gone;
    return audit(tx, request, "approval.unsnooze", "approval/" + request.id, {}, now_ns);
}

result<model::incident> snooze_incident(
    store::transaction& tx, const care_request& request, std::int64_t until_ns, const std::string& reason,
    std::int64_t now_ns
)
{
    const auto before = load_expected(tx, request);
    if (!before)
        return before;
    json::object detail{{"until", format_rfc3339(until_ns)}, {"reason", reason}};
    auto changed = lifecycle::snooze(*before, {until_ns, reason, request.person.name, now_ns});
    return store_changed(tx, request, *before, std::move(changed), "incident.snooze", std::move(detail));
}

result<model::incident> end_incident_snooze(
    store::transaction& tx, const care_request& request, std::int64_t now_ns
)
{
    const auto before = load_expected(tx, request);
    if (!before)
        return before;
    auto changed =
        lifecycle::end_snooze(*before, person_actor(request.person.name), "not snoozed any more", now_ns);
    return store_changed(tx, request, *before, std::move(changed), "incident.unsnooze", {});
}

result<model::incident> assign_incident(
    store::transaction& tx, const care_request& request, const std::string& assignee, std::int64_t now_ns
)
{
    const auto before = load_expected(tx, request);
    if (!before)
        return before;
    if (auto known = check_assignee(tx, assignee); !known)
        return known.error();
    json::object detail{{"from", before->assigned_to}, {"to", assignee}};
    auto changed = lifecycle::assign(*before, assignee, request.person.name, now_ns);
    return store_changed(tx, request, *before, std::move(changed), "incident.assign", std::move(detail));
}

result<std::size_t> end_passed_snoozes(store::transaction& tx, std::int64_t now_ns, std::size_t limit)
{
    const auto due = store::list_passed_snoozes(tx, now_ns, limit);
    if (!due)
        return due.error();
    for (const model::incident& before : *due) {
        auto changed = lifecycle::end_snooze(before, clock_actor, "the snooze is over", now_ns);
        if (!changed)
            return changed.error();
        if (auto saved = store::save_incident(tx, changed->incident, before.version, changed->event); !saved)
            return saved.error();
    }
    if (auto pruned = store::prune_approval_snoozes(tx, now_ns, limit); !pruned)
        return pruned.error();
    return due->size();
}

}  // namespace reprise::runs
