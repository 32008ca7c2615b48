#include "person_audit.hpp"

#include "token_text.hpp"

#include "reprise/store/audit.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace reprise::http {
namespace {

result<void> append(store::transaction& tx, const store::audit_entry& entry)
{
    const auto written = store::append_audit(tx, entry);
    if (!written)
        return written.error();
    return {};
}

}  // namespace

std::string auth_of(const net::request& req, std::string_view otherwise)
{
    const auto token = parse_token(find_bearer(req.header("authorization")));
    return token ? "token:" + token->id : std::string(otherwise);
}

result<void> audit_person(
    store::transaction& tx, const model::person& person, const net::request& req, std::int64_t now_ns,
    const person_deed& done
)
{
    store::audit_entry entry;
    entry.actor = "user:" + person.name;
    entry.actor_type = model::to_text(person.kind);
    entry.auth = auth_of(req, done.auth);
    entry.action = done.action;
    entry.object = done.object;
    entry.detail = boost::json::serialize(done.detail);
    entry.request_id = req.id;
    entry.at_ns = now_ns;
    return append(tx, entry);
}

result<void> audit_link_request(
    store::transaction& tx, const link_request& by, std::string_view action, std::string object,
    const boost::json::object& detail
)
{
    const bool is_person = by.actor.starts_with("user:");
    store::audit_entry entry;
    entry.actor = by.actor;
    entry.actor_type = is_person ? "person" : "system";
    entry.auth = is_person ? "session" : "none";
    entry.action = action;
    entry.object = std::move(object);
    entry.detail = boost::json::serialize(detail);
    entry.request_id = by.request_id;
    entry.at_ns = by.now_ns;
    return append(tx, entry);
}

}  // namespace reprise::http
