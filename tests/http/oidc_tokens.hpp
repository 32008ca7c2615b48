#pragma once

#include "../../server/http/oidc_token.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/signature.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

// ID tokens as a provider signs them, by Ed25519.
namespace reprise::http::test {

constexpr std::int64_t now_s = 1'700'000'000;

inline const signing_key& signer()
{
    static const signing_key key = *signing_key::from_seed(std::string(ed25519_seed_bytes, 'p'));
    return key;
}

inline boost::json::object claims_of(const std::string& nonce)
{
    return {{"iss", "https://id.test"}, {"aud", "reprise"}, {"sub", "42"},        {"nonce", nonce},
            {"exp", now_s + 300},       {"iat", now_s},     {"auth_time", now_s}};
}

inline std::string make_token(
    const boost::json::object& claims, const std::string& header = R"({"alg":"EdDSA","kid":"k1"})"
)
{
    const std::string text = to_base64url(header) + "." + to_base64url(boost::json::serialize(claims));
    return text + "." + to_base64url(signer().sign(text));
}

inline std::string provider_keys_of(const std::vector<std::string>& names)
{
    boost::json::array keys;
    for (const std::string& name : names) {
        keys.emplace_back(boost::json::object{
            {"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", name}, {"use", "sig"},
            {"x", to_base64url(signer().public_bytes())}});
    }
    return boost::json::serialize(boost::json::object{{"keys", std::move(keys)}});
}

}  // namespace reprise::http::test
