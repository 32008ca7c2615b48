#pragma once

#include "oidc_state.hpp"

#include "reprise/base/error.hpp"
#include "reprise/http/oidc.hpp"
#include "reprise/net/client.hpp"

#include <optional>
#include <string>
#include <string_view>

// What is said to a provider of identities, and what its discovery document says. Pure.
namespace reprise::http {

struct oidc_endpoints {
    std::string authorize;   // Where people are sent.
    net::url token;
    net::url keys;
    bool basic = true;       // Whether the client shows its secret in a header; else in the form.
};

// "<issuer>/.well-known/openid-configuration"; errc::invalid_argument when the issuer is no URL.
result<net::url> discovery_url(std::string_view issuer);

// errc::corrupt when the document is not one of this issuer, or lacks what we need.
result<oidc_endpoints> parse_discovery(std::string_view text, std::string_view issuer);

// Percent-encoded as in a form.
std::string form_encode(std::string_view text);

std::string authorize_url(
    const oidc_endpoints& at, const oidc_config& config, const oidc_journey& journey, std::string_view return_url
);

net::client_request token_request_of(
    const oidc_endpoints& at, const oidc_config& config, const oidc_journey& journey, std::string_view code,
    std::string_view return_url
);

}  // namespace reprise::http
