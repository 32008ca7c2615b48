#pragma once

#include "reprise/net/client.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// AWS Signature Version 4 in the Authorization header. Pure; safe from any thread.
namespace reprise::net {

struct aws_credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;  // Empty for keys that do not expire.
};

enum class sigv4_rule : std::uint8_t {
    general,  // The path is normalised, then escaped once more.
    s3,       // The path is signed as it is sent; the hash of the body is a header of its own.
};

struct sigv4_scope {
    std::string region;
    std::string service;
    sigv4_rule rule = sigv4_rule::general;
};

enum class sigv4_payload : std::uint8_t {
    hashed,             // The body is part of what is signed.
    unsigned_over_tls,  // TLS alone protects the body; S3 only.
};

// What a service hashes, and what is signed of it: for tests and for a look at why a signature was refused.
// All of req.headers are signed, and Host. The query is read as escaped text, without '+' for a space.
std::string canonical_request(const client_request& req, sigv4_rule rule, std::string_view payload_hash);
std::string string_to_sign(std::string_view canonical, const sigv4_scope& scope, std::int64_t now_ns);

// Sets x-amz-date, Authorization, with the S3 rule x-amz-content-sha256, and x-amz-security-token when
// there is one; those that stand there already are replaced, so that a request may be signed again.
// errc::scheme_refused for an unsigned body without TLS; reprise::errc::invalid_argument without keys.
result<void> sign_request(
    client_request& req, const aws_credentials& keys, const sigv4_scope& scope, std::int64_t now_ns,
    sigv4_payload payload = sigv4_payload::hashed
);

// Every byte but A-Z a-z 0-9 - . _ ~ as %XX; for a path with its slashes kept.
std::string escape_uri(std::string_view text, bool keep_slash);

}  // namespace reprise::net
