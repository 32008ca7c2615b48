#include "reprise/http/tokens.hpp"

#include "networks.hpp"
#include "person_audit.hpp"
#include "token_text.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/store/people.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace reprise::http {
namespace {

constexpr std::int64_t day_ns = 24LL * 3600 * 1'000'000'000;

bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte != 0x7F;
    });
}

boost::json::object detail_of(const store::api_token& token)
{
    return {{"person", token.person_id}, {"name", token.name}, {"scopes", token.scopes}};
}

}  // namespace

std::string find_token_fault(const token_request& wanted, const model::roles& roles)
{
    if (wanted.name.empty() || wanted.name.size() > token_name_bytes_max || !is_plain(wanted.name))
        return "name must say what the token is for, in 1 to " + std::to_string(token_name_bytes_max) +
               " bytes without control characters.";
    if (wanted.scopes.empty())
        return "scopes must be one or more of " + list_scopes() + ".";
    for (const scope one : wanted.scopes.list()) {
        if (!may_grant(one, roles))
            return "The scope " + std::string(to_text(one)) + " needs a role that is missing; there are: " +
                   model::to_text(roles) + ".";
    }
    if (wanted.lifetime_ns < day_ns || wanted.lifetime_ns > token_lifetime_max_ns)
        return "days must be 1 to " + std::to_string(token_lifetime_max_ns / day_ns) + ": every token expires.";
    if (wanted.networks.size() > token_networks_max)
        return "networks must be " + std::to_string(token_networks_max) + " at most.";
    for (const std::string& network : wanted.networks) {
        if (!is_network(network))
            return "\"" + network + "\" is no network such as 10.0.0.0/8 or 2001:db8::/32.";
    }
    return {};
}

result<issued_token> issue_token(store::transaction& tx, const token_request& wanted, const link_request& by)
{
    const auto person = store::find_person(tx, wanted.person_id);
    if (!person)
        return person.error();
    if (!*person || (*person)->disabled)
        return errc::not_found;
    if (!find_token_fault(wanted, (*person)->roles).empty())
        return errc::invalid_argument;
    const token_parts parts{make_ulid(by.now_ns), make_token_secret()};
    issued_token out;
    out.text = token_text(parts);
    out.token.id = parts.id;
    out.token.person_id = wanted.person_id;
    out.token.name = wanted.name;
    out.token.secret_hash = sha256_hex(parts.secret);
    out.token.scopes = wanted.scopes.text();
    out.token.networks = wanted.networks;
    out.token.created_by = by.actor;
    out.token.created_ns = by.now_ns;
    out.token.expires_ns = by.now_ns + wanted.lifetime_ns;
    const auto inserted = store::insert_token(tx, out.token, by.now_ns);
    if (!inserted)
        return inserted.error();
    const auto audited = audit_link_request(tx, by, "token.create", "token/" + out.token.id, detail_of(out.token));
    if (!audited)
        return audited.error();
    return out;
}

result<void> revoke_token(store::transaction& tx, std::string_view id, const link_request& by)
{
    const auto token = store::find_token(tx, id);
    if (!token)
        return token.error();
    if (!*token)
        return errc::not_found;
    const auto revoked = store::revoke_token(tx, id, by.now_ns);
    if (!revoked)
        return revoked.error();
    return audit_link_request(tx, by, "token.revoke", "token/" + (*token)->id, detail_of(**token));
}

}  // namespace reprise::http
