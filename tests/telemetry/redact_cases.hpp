#pragma once

#include "reprise/telemetry/redact.hpp"

#include <regex>
#include <string>
#include <string_view>

// What the tests of redaction share.
namespace reprise::telemetry::test {

constexpr std::string_view key = "a key for tests";

inline model::exchange http_exchange()
{
    model::exchange exchange;
    exchange.operation.protocol = "http";
    exchange.operation.route = "/orders/{id}";
    exchange.method = "POST";
    exchange.path = "/orders/17";
    return exchange;
}

// Tokens by their type alone: "<email:1a2b3c4d...>" -> "<email>".
inline std::string types_only(const std::string& text)
{
    static const std::regex token(R"((?:<|%3C)([a-z]+):[0-9a-f]{8}(?::[0-9]+)?\.*(?:>|%3E))");
    return std::regex_replace(text, token, "<$1>");
}

}  // namespace reprise::telemetry::test
