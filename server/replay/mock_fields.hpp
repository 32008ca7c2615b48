#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/net/raw_message.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// A request as a list of named values, so that two of them can be compared field by field. Pure.
namespace reprise::replay {

struct match_field {
    std::string name;   // "path/1", "query.ts", "header.accept", "body/items/0/id"; "body" for text and binary.
    std::string value;  // Decoded.
};

// What is taken apart. Text lives as long as the call.
struct request_parts {
    std::string_view method;
    std::string_view authority;
    std::string_view target;  // Path and query.
    std::string_view body;
    std::span<const net::raw_header> headers;
};

struct match_request {
    std::string method;
    std::string host;   // Lower case; the port only where it is not 80 or 443.
    std::string route;  // The path's template.
    std::vector<match_field> fields;
};

match_request describe_request(const request_parts& parts, std::span<const std::string> match_headers);

// "api.test:443" and "API.test" are one host.
std::string plain_host(std::string_view authority);

// Parts of a recorded request; `headers` gets what they point to.
request_parts parts_of(const model::exchange& recorded, std::vector<net::raw_header>& headers);

// The same name for all elements of a list: "body/items/*/id".
std::string field_pattern(std::string_view name);

}  // namespace reprise::replay
