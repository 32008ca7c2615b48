#pragma once

#include "reprise/base/error.hpp"
#include "reprise/http/oidc.hpp"
#include "reprise/model/person.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Who somebody is here, from what a provider of identities says about them.
namespace reprise::http {

// The texts of a claim that is a text or a list of them; "realm_access.roles" goes into objects unless a claim is
// called exactly so.
std::vector<std::string> read_claim_texts(const boost::json::object& claims, std::string_view path);

// The roles of all groups together; none when no group is on the map.
model::roles roles_of_claims(const boost::json::object& claims, const oidc_config& config);

// What to call them: the configured claim, or the next best one, without what a name may not hold.
std::string name_of_claims(const boost::json::object& claims, const oidc_config& config);

// The person behind the identity, made when they come for the first time, with the roles the provider gives them now.
// A name that is taken gets a number: an identity is never joined to somebody who happens to have its name.
// errc::denied when no group of theirs is on the map, or they are disabled. Writes the audit rows.
result<model::person> person_of_claims(
    store::transaction& tx, const boost::json::object& claims, const oidc_config& config, std::string_view request_id,
    std::int64_t now_ns
);

}  // namespace reprise::http
