#include "json_text.hpp"
#include "render.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace reprise::http {

json::array render_roles(const model::roles& roles)
{
    json::array out;
    if (roles.viewer)
        out.emplace_back("viewer");
    if (roles.operator_)
        out.emplace_back("operator");
    if (roles.approver)
        out.emplace_back("approver");
    if (roles.admin)
        out.emplace_back("admin");
    return out;
}

json::object render_person(const model::person& person)
{
    json::object out;
    out["id"] = person.id;
    out["name"] = person.name;
    out["roles"] = render_roles(person.roles);
    out["kind"] = model::to_text(person.kind);
    out["disabled"] = person.disabled;
    out["created_at"] = time_value(person.created_ns);
    return out;
}

json::object render_audit_row(const store::audit_row& row)
{
    json::object out;
    out["seq"] = row.seq;
    out["at"] = time_value(row.entry.at_ns);
    out["actor"] = row.entry.actor;
    out["actor_type"] = row.entry.actor_type;
    out["auth"] = row.entry.auth;
    out["action"] = row.entry.action;
    out["object"] = row.entry.object;
    error_code ec;
    json::value detail = json::parse(row.entry.detail, ec);
    out["detail"] = !ec && detail.is_object() ? std::move(detail) : json::value(json::object());
    out["request_id"] = row.entry.request_id;
    out["previous_hash"] = row.previous_hash;
    out["hash"] = row.hash;
    return out;
}

}  // namespace reprise::http
