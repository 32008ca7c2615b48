#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/person.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Signing in through a provider of identities (OpenID Connect, code flow with PKCE).
namespace reprise::http {

struct group_roles {
    std::string group;  // As the provider writes it.
    model::roles roles;
};

struct oidc_config {
    std::string issuer;         // "https://id.example.com/realms/main", exactly as in its discovery. Empty: off.
    std::string client_id;
    std::string client_secret;  // Empty for a public client.
    std::string label = "single sign-on";  // What the button says.
    std::vector<std::string> scopes;       // Asked for beside "openid".
    std::string groups_claim = "groups";   // "realm_access.roles" goes into objects.
    std::string name_claim = "preferred_username";
    std::vector<group_roles> role_map;     // Who is in none of the groups is not let in.
};

// "sre-leads=approver": group, equals sign, one role. The last equals sign counts. Nothing when it is no such text.
std::optional<group_roles> parse_group_role(std::string_view text);

// Where requests to a provider may go: its origin, and that of others it names (keys are often kept elsewhere).
// errc::invalid_argument when the issuer is no https URL, or http to this machine.
result<std::string> oidc_origin(std::string_view issuer);

}  // namespace reprise::http
