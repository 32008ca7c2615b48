#pragma once

#include "reprise/base/signature.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// ID tokens of a provider of identities: whether one is genuine, for us, and about this sign-in. Pure.
namespace reprise::http {

constexpr std::size_t id_token_bytes_max = 64 * 1024;
constexpr std::size_t provider_keys_max = 64;
constexpr std::int64_t clock_skew_s = 60;
constexpr std::int64_t id_token_age_max_s = 600;         // Since it was issued; we fetch it at once.
constexpr std::int64_t fresh_sign_in_max_s = 300;        // Of auth_time, when the person was asked to prove themselves.

// RFC 4648, 5, without padding; nothing when it is not that.
std::optional<std::string> from_base64url(std::string_view text);
std::string to_base64url(std::string_view bytes);

struct provider_key {
    std::string id;   // "kid"; may be empty.
    std::string use_alg;  // "alg" of the key; empty: any its kind has.
    public_key key;
};

// Of a JWK set ("keys": [...]): the keys we can check signatures with; the others are passed over. Nothing when it is
// no such document.
std::optional<std::vector<provider_key>> parse_provider_keys(std::string_view text);

enum class token_fault : std::uint8_t {
    malformed,    // No signed token of three parts, or claims that are not what they should be.
    algorithm,    // Signed otherwise than by RS256, ES256 or EdDSA, or with extensions we do not know.
    unknown_key,  // No key of the provider fits; it may have a new one.
    signature,
    issuer,
    audience,
    expired,      // Or issued too long ago.
    not_yet,      // Issued or valid in the future.
    nonce,
    subject,
    not_fresh,    // The person was to prove again who they are and did not.
};

std::string_view to_text(token_fault fault) noexcept;

struct token_expectation {
    std::string issuer;
    std::string client_id;
    std::string nonce;
    std::int64_t now_s = 0;
    bool fresh = false;  // auth_time must be of just now.
};

struct token_outcome {
    std::optional<boost::json::object> claims;  // When everything holds.
    token_fault fault = token_fault::malformed;
};

token_outcome check_id_token(
    std::string_view token, const std::vector<provider_key>& keys, const token_expectation& expected
);

}  // namespace reprise::http
