#pragma once

#include "handlers.hpp"

#include <span>
#include <string>
#include <string_view>

namespace reprise::http {

constexpr std::string_view api_base = "/api/v1";

// One route: where it is, who may call it, what it does and what the OpenAPI document says about it.
struct endpoint {
    net::method method;
    std::string_view path;     // Below api_base; absolute for the probes and the compatibility views.
    need access;
    handler_answer (*handle)(context&, const caller&, net::request&);
    std::string_view summary;
    std::string_view answers;  // "Page Signal", "Item Me", "Users...", or empty for no JSON.
    std::string_view takes;    // Schema of the body, empty without one.
    std::string_view query;    // Names of the query parameters taken, space separated.
    bool repeatable = true;    // POST with an Idempotency-Key is carried out once.
    std::size_t body_bytes_max = 64 * 1024;
};

// The one table: router, access check and documentation are made from it.
std::span<const endpoint> endpoints();

// "/api/v1/signals/{id}".
std::string full_path(const endpoint& route);

}  // namespace reprise::http
