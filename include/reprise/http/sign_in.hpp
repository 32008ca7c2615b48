#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/person.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::store {
class reader;
class transaction;
}

// People and their one-time links, for the command line and for the start of the server. Each writes
// its audit row in the caller's transaction. The token exists in the link only; the store has its hash.
namespace reprise::http {

constexpr std::int64_t link_lifetime_ns = 15LL * 60 * 1'000'000'000;
constexpr std::size_t person_name_bytes_max = 64;

struct sign_in_link {
    model::person person;
    std::string url;  // "<public_url>/#/login?token=...", works once.
    std::int64_t expires_ns = 0;
};

struct link_request {
    std::string public_url;
    std::string actor = "cli";  // For the audit: "cli", "serve", "user:<name>".
    std::string request_id;     // Empty outside a request.
    std::int64_t now_ns = 0;
};

// For the start of the server: a link for the oldest enabled administrator. When there is none (a new
// database), the person "admin" is created with all roles; "admin 2" when somebody is called so.
result<sign_in_link> issue_first_link(store::transaction& tx, const link_request& request);

// A link for a person who exists: errc::not_found, errc::denied when disabled or a service account.
result<sign_in_link> issue_link(store::transaction& tx, std::string_view name, const link_request& request);

// A new person with a link. errc::invalid_argument for a name that is empty, too long or holds control
// characters, commas or colons, or without a role; errc::conflict when the name is taken.
result<sign_in_link> add_person(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
);

// An account for programs, which work with API tokens; it can never be an approver. Errors as add_person().
result<model::person> add_service_account(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
);

// Somebody a provider of identities vouches for; they need no link.
result<model::person> add_identified_person(
    store::transaction& tx, std::string_view name, const model::roles& roles, const link_request& request
);

// `wanted`, or with a number behind it when somebody is called so.
result<std::string> find_free_name(const store::reader& from, const std::string& wanted);

// Whether somebody may be called so: 1 to 64 bytes without control characters, commas and colons, no space at an end.
bool is_person_name(std::string_view name);

// Roles and whether the person may sign in; takes effect at once, sessions of a disabled person end.
// errc::conflict when nobody would be left who is an administrator, errc::not_found.
result<model::person> change_person(
    store::transaction& tx, std::string_view id, const model::roles& roles, bool disabled, const link_request& request
);

}  // namespace reprise::http
