#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What an operator changes in the redaction. Plain values, read by any thread once they are made.
namespace reprise::telemetry {

constexpr std::size_t redaction_pattern_bytes_max = 512;

// Which operations: "*" is any service or method; a route is a template as the pages show it, and may
// end in "*" for whatever follows.
struct route_pattern {
    std::string service;
    std::string method;
    std::string route;
};

struct field_pattern {
    route_pattern where;
    std::string field;  // As in exchange::redacted_fields, without case: "request.body.user". What is below it, too.
};

struct redaction_rules {
    bool drops_bodies = false;                 // Everywhere but on keep_bodies.
    std::vector<route_pattern> keep_bodies;
    std::vector<route_pattern> drop_bodies;    // Wins over keep_bodies.
    std::vector<field_pattern> allow_fields;   // Left as they are.
    std::vector<std::string> secret_names;     // Anywhere in a name; lower case, letters and digits.
    std::vector<std::string> allow_headers;    // Lower case; their values are still looked at.
};

// From "shop POST /orders/{id}", "* * /admin/*". The reason of a refusal is what is needed instead.
decode_result<route_pattern> parse_route_pattern(std::string_view text);

// From "shop POST /orders request.body.note". Headers that always go (authorization, cookie, set-cookie,
// x-api-key and the proxy's) are refused.
decode_result<field_pattern> parse_field_pattern(std::string_view text);

// From "tenantRef": three letters or digits at least.
decode_result<std::string> parse_secret_name(std::string_view text);

// From "X-Tenant".
decode_result<std::string> parse_allowed_header(std::string_view text);

bool matches(const route_pattern& pattern, const model::operation_key& operation);

// Whether the bodies of these calls are kept (redacted).
bool keeps_bodies(const redaction_rules& rules, const model::operation_key& operation);

}  // namespace reprise::telemetry
