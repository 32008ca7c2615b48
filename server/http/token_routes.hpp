#pragma once

#include "reprise/http/scopes.hpp"
#include "reprise/net/message.hpp"

#include <span>
#include <string_view>

namespace reprise::http {

// A route an API token may call, and the scope it needs there.
struct token_route {
    net::method method;
    std::string_view path;  // As in endpoints().
    scope needs;
};

// All of them. What is not listed is for people who are signed in: every decision at the gate, people and their
// roles, passwords, sessions and tokens, settings.
std::span<const token_route> token_routes();

// scope::nobody for what is not listed.
scope find_token_scope(net::method method, std::string_view path) noexcept;

}  // namespace reprise::http
