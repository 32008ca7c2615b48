#include "oidc_token.hpp"

#include "reprise/base/error.hpp"
#include "reprise/base/hash.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t json_depth = 16;
constexpr std::size_t subject_bytes_max = 255;  // OpenID Connect Core, 2.

struct algorithm {
    std::string_view name;
    signature_kind kind;
};

// The whole list: "none" and everything with a shared secret is not on it.
constexpr std::array algorithms = {
    algorithm{"RS256", signature_kind::rsa_sha256},
    algorithm{"ES256", signature_kind::p256_sha256},
    algorithm{"EdDSA", signature_kind::ed25519},
};

std::optional<json::object> parse_object(std::string_view text)
{
    json::parse_options options;
    options.max_depth = json_depth;
    error_code ec;
    json::value value = json::parse(text, ec, {}, options);
    if (ec || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

// Empty when absent or no text.
std::string_view text_of(const json::object& from, std::string_view name)
{
    const json::value* value = from.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string bytes_of(const json::object& from, std::string_view name)
{
    return from_base64url(text_of(from, name)).value_or(std::string());
}

std::optional<public_key> key_of(const json::object& jwk)
{
    const std::string_view type = text_of(jwk, "kty");
    const std::string_view curve = text_of(jwk, "crv");
    if (type == "RSA")
        return public_key::from_rsa(bytes_of(jwk, "n"), bytes_of(jwk, "e"));
    if (type == "EC" && curve == "P-256")
        return public_key::from_p256(bytes_of(jwk, "x"), bytes_of(jwk, "y"));
    if (type == "OKP" && curve == "Ed25519")
        return public_key::from_ed25519(bytes_of(jwk, "x"));
    return std::nullopt;
}

struct token_pieces {
    json::object header;
    json::object claims;
    std::string_view signed_text;
    std::string signature;
};

std::optional<token_pieces> take_apart(std::string_view token)
{
    const auto first = token.find('.');
    const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (token.size() > id_token_bytes_max || first == std::string_view::npos || second == std::string_view::npos)
        return std::nullopt;
    const auto header = from_base64url(token.substr(0, first));
    const auto claims = from_base64url(token.substr(first + 1, second - first - 1));
    auto signature = from_base64url(token.substr(second + 1));
    if (!header || !claims || !signature)
        return std::nullopt;
    auto header_object = parse_object(*header);
    auto claims_object = parse_object(*claims);
    if (!header_object || !claims_object)
        return std::nullopt;
    token_pieces pieces;
    pieces.header = std::move(*header_object);
    pieces.claims = std::move(*claims_object);
    pieces.signed_text = token.substr(0, second);
    pieces.signature = std::move(*signature);
    return pieces;
}

const provider_key* find_key(
    const std::vector<provider_key>& keys, const algorithm& wanted, const json::object& header
)
{
    const std::string_view id = text_of(header, "kid");
    const provider_key* found = nullptr;
    for (const provider_key& one : keys) {
        const bool fits = one.key.kind() == wanted.kind && (one.use_alg.empty() || one.use_alg == wanted.name);
        if (!fits || (!id.empty() && one.id != id))
            continue;
        if (found != nullptr)
            return nullptr;  // Without a name it must be the only one.
        found = &one;
    }
    return found;
}

// Seconds since the epoch; nothing when absent or no sensible number.
std::optional<std::int64_t> seconds_of(const json::object& claims, std::string_view name)
{
    constexpr double most = 1e11;
    const json::value* value = claims.if_contains(name);
    if (!value || !value->is_number())
        return std::nullopt;
    const auto number = value->to_number<double>();
    if (!std::isfinite(number) || number < 0 || number > most)
        return std::nullopt;
    return static_cast<std::int64_t>(number);
}

bool is_for(const json::object& claims, std::string_view client_id)
{
    const json::value* audience = claims.if_contains("aud");
    const json::value* party = claims.if_contains("azp");
    if (!audience || (party && text_of(claims, "azp") != client_id))
        return false;
    if (audience->is_string())
        return audience->get_string() == client_id;
    if (!audience->is_array())
        return false;
    const json::array& all = audience->get_array();
    const bool named = std::any_of(all.begin(), all.end(), [client_id](const json::value& one) {
        return one.is_string() && one.get_string() == client_id;
    });
    return named && (all.size() == 1 || party);
}

std::optional<token_fault> find_time_fault(const json::object& claims, const token_expectation& expected)
{
    const auto expires = seconds_of(claims, "exp");
    const auto issued = seconds_of(claims, "iat");
    const auto authenticated = seconds_of(claims, "auth_time");
    if (!expires || !issued)
        return token_fault::malformed;
    if (*expires + clock_skew_s <= expected.now_s || *issued + id_token_age_max_s + clock_skew_s < expected.now_s)
        return token_fault::expired;
    const std::int64_t begins = claims.contains("nbf") ? seconds_of(claims, "nbf").value_or(0) : 0;
    if (std::max(*issued, begins) > expected.now_s + clock_skew_s)
        return token_fault::not_yet;
    if (expected.fresh && (!authenticated || *authenticated + fresh_sign_in_max_s < expected.now_s))
        return token_fault::not_fresh;
    return std::nullopt;
}

std::optional<token_fault> find_claim_fault(const json::object& claims, const token_expectation& expected)
{
    if (text_of(claims, "iss") != expected.issuer)
        return token_fault::issuer;
    if (!is_for(claims, expected.client_id))
        return token_fault::audience;
    if (auto fault = find_time_fault(claims, expected))
        return fault;
    if (expected.nonce.empty() || !equal_in_constant_time(text_of(claims, "nonce"), expected.nonce))
        return token_fault::nonce;
    const std::string_view subject = text_of(claims, "sub");
    if (subject.empty() || subject.size() > subject_bytes_max)
        return token_fault::subject;
    return std::nullopt;
}

token_outcome fail(token_fault fault)
{
    token_outcome outcome;
    outcome.fault = fault;
    return outcome;
}

}  // namespace

std::optional<std::string> from_base64url(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (text.empty() || text.size() % 4 == 1 || text.find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '-', '+');
    std::replace(plain.begin(), plain.end(), '_', '/');
    plain.append((4 - plain.size() % 4) % 4, '=');
    return from_base64(plain);
}

std::string to_base64url(std::string_view bytes)
{
    std::string text = to_base64(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    while (text.ends_with('='))
        text.pop_back();
    return text;
}

std::optional<std::vector<provider_key>> parse_provider_keys(std::string_view text)
{
    const auto set = parse_object(text);
    const json::value* list = set ? set->if_contains("keys") : nullptr;
    if (!list || !list->is_array())
        return std::nullopt;
    std::vector<provider_key> keys;
    for (const json::value& each : list->get_array()) {
        if (!each.is_object() || keys.size() >= provider_keys_max)
            continue;
        const json::object& jwk = each.get_object();
        const std::string_view use = text_of(jwk, "use");
        auto key = use.empty() || use == "sig" ? key_of(jwk) : std::nullopt;
        if (key)
            keys.push_back({std::string(text_of(jwk, "kid")), std::string(text_of(jwk, "alg")), std::move(*key)});
    }
    return keys;
}

std::string_view to_text(token_fault fault) noexcept
{
    switch (fault) {
    case token_fault::malformed: return "malformed";
    case token_fault::algorithm: return "algorithm";
    case token_fault::unknown_key: return "unknown key";
    case token_fault::signature: return "signature";
    case token_fault::issuer: return "issuer";
    case token_fault::audience: return "audience";
    case token_fault::expired: return "expired";
    case token_fault::not_yet: return "not valid yet";
    case token_fault::nonce: return "nonce";
    case token_fault::subject: return "subject";
    case token_fault::not_fresh: return "not a fresh sign-in";
    }
    return "malformed";
}

token_outcome check_id_token(
    std::string_view token, const std::vector<provider_key>& keys, const token_expectation& expected
)
{
    auto pieces = take_apart(token);
    if (!pieces)
        return fail(token_fault::malformed);
    const std::string_view name = text_of(pieces->header, "alg");
    const auto wanted = std::find_if(algorithms.begin(), algorithms.end(), [name](const algorithm& one) {
        return one.name == name;
    });
    if (wanted == algorithms.end() || pieces->header.contains("crit"))
        return fail(token_fault::algorithm);
    const provider_key* key = find_key(keys, *wanted, pieces->header);
    if (key == nullptr)
        return fail(token_fault::unknown_key);
    if (!key->key.verifies(pieces->signed_text, pieces->signature))
        return fail(token_fault::signature);
    if (const auto fault = find_claim_fault(pieces->claims, expected))
        return fail(*fault);
    token_outcome outcome;
    outcome.claims = std::move(pieces->claims);
    return outcome;
}

}  // namespace reprise::http
