#pragma once

#include "config.hpp"

#include "reprise/http/audit_text.hpp"
#include "reprise/http/oidc.hpp"
#include "reprise/net/client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

// Who may come in and who signs the audit, from the configuration and the files it names. All functions block; an error
// names key, file and reason.
namespace reprise::app {

// What no single key of the auth section can see.
std::optional<config_error> check_auth(const config& made);

// Without an issuer the way through a provider of identities is off.
config_result<http::oidc_config> oidc_config_of(const config& settings);
// Reaches the provider's own origin and those of auth.oidc.hosts; null when it is off.
config_result<std::unique_ptr<net::http_client>> make_oidc_client(const config& settings);

// The key for checkpoints of the audit, made at the first start beside the key of the chain, and every key that was
// used before: their public halves stay in the directory when the key itself is taken away to have another.
config_result<http::audit_config> load_audit_config(const config& settings);

// Public halves only: those of the data directory, and those of the files given (64 hex digits a line).
config_result<store::checkpoint_keys> load_checkpoint_keys(
    const config& settings, const std::vector<std::string>& files
);

}  // namespace reprise::app
