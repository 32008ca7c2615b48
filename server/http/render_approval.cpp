#include "json_text.hpp"
#include "render.hpp"

namespace json = boost::json;

namespace reprise::http {

json::object render_approval(const model::approval& approval, std::uint32_t approvals_given)
{
    json::object out;
    out["id"] = approval.id;
    out["run_id"] = approval.run_id;
    out["incident_id"] = approval.incident_id;
    out["action"] = approval.action;
    out["summary"] = approval.summary;
    out["risk"] = model::to_text(approval.risk);
    out["risk_reasons"] = json::array(approval.risk_reasons.begin(), approval.risk_reasons.end());
    out["content_hash"] = approval.content_hash;
    out["approvals_needed"] = approval.approvals_needed;
    out["approvals_given"] = approvals_given;
    out["requested_by"] = approval.requested_by;
    out["edited_by"] = approval.edited_by;
    out["reminded"] = approval.reminded;
    out["state"] = model::to_text(approval.state);
    out["created_at"] = time_value(approval.created_ns);
    out["expires_at"] = time_value(approval.expires_ns);
    if (approval.decided_ns)
        out["decided_at"] = time_value(*approval.decided_ns);
    if (!approval.void_reason.empty())
        out["void_reason"] = approval.void_reason;
    out["version"] = approval.version;
    return out;
}

void add_my_part(json::object& row, const lifecycle::decider& me)
{
    row["may_decide"] = me.may_decide;
    row["why_not"] = me.why;
}

json::object render_decision(const model::decision& decision)
{
    json::object out;
    out["user"] = decision.user;
    out["kind"] = model::to_text(decision.kind);
    out["comment"] = decision.comment;
    out["at"] = time_value(decision.at_ns);
    return out;
}

json::object render_decider(const lifecycle::decider& decider, std::string_view my_id)
{
    json::object out;
    out["name"] = decider.name;
    out["may_decide"] = decider.may_decide;
    out["why"] = decider.why;
    out["is_me"] = decider.person_id == my_id;
    return out;
}

json::object render_publication(const store::publication& publication)
{
    json::object out;
    out["id"] = publication.id;
    out["run_id"] = publication.run_id;
    out["incident_id"] = publication.incident_id;
    out["kind"] = publication.kind;
    out["target"] = publication.target;
    out["title"] = publication.title;
    out["url"] = publication.url;
    out["state"] = store::to_text(publication.state);
    out["error"] = publication.error;
    out["created_at"] = time_value(publication.created_ns);
    if (publication.published_ns)
        out["published_at"] = time_value(*publication.published_ns);
    return out;
}

}  // namespace reprise::http
