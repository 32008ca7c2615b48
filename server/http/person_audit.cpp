#include "person_audit.hpp"

#include "reprise/store/audit.hpp"

#include <boost/json/serialize.hpp>

namespace reprise::http {

result<void> audit_person(
    store::transaction& tx, const model::person& person, const net::request& req, std::int64_t now_ns,
    const person_deed& done
)
{
    store::audit_entry entry;
    entry.actor = "user:" + person.name;
    entry.actor_type = "person";
    entry.auth = done.auth;
    entry.action = done.action;
    entry.object = done.object;
    entry.detail = boost::json::serialize(done.detail);
    entry.request_id = req.id;
    entry.at_ns = now_ns;
    const auto written = store::append_audit(tx, entry);
    if (!written)
        return written.error();
    return {};
}

}  // namespace reprise::http
