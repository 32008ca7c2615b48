#include "oidc_urls.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/net/url.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace json = boost::json;

namespace reprise::http {
namespace {

constexpr std::size_t json_depth = 16;
constexpr std::string_view discovery_path = "/.well-known/openid-configuration";

bool is_loopback_name(std::string_view host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// https, or http to this machine.
bool is_guarded(const net::url& at)
{
    return at.scheme == "https" || is_loopback_name(at.host);
}

std::string_view text_of(const json::object& from, std::string_view name)
{
    const json::value* value = from.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

result<net::url> endpoint_of(const json::object& document, std::string_view name)
{
    auto at = net::parse_url(text_of(document, name));
    if (!at || !is_guarded(*at))
        return errc::corrupt;
    return at;
}

// Absent means client_secret_basic (OpenID Connect Discovery, 3).
bool takes_basic(const json::object& document)
{
    const json::value* methods = document.if_contains("token_endpoint_auth_methods_supported");
    if (!methods || !methods->is_array())
        return true;
    const json::array& all = methods->get_array();
    return std::any_of(all.begin(), all.end(), [](const json::value& one) { return one == "client_secret_basic"; });
}

using field = std::pair<std::string_view, std::string_view>;

template <std::size_t Count>
std::string form_of(const std::array<field, Count>& fields)
{
    std::string text;
    for (const auto& [name, value] : fields)
        text += (text.empty() ? "" : "&") + std::string(name) + "=" + form_encode(value);
    return text;
}

}  // namespace

std::optional<group_roles> parse_group_role(std::string_view text)
{
    const auto equals = text.rfind('=');
    if (equals == std::string_view::npos || equals == 0)
        return std::nullopt;
    group_roles one;
    one.group = text.substr(0, equals);
    const std::string_view role = text.substr(equals + 1);
    if (role.empty() || !model::parse_roles(role, one.roles))
        return std::nullopt;
    return one;
}

result<std::string> oidc_origin(std::string_view issuer)
{
    const auto at = net::parse_url(issuer);
    if (!at || !is_guarded(*at))
        return errc::invalid_argument;
    return at->origin();
}

result<net::url> discovery_url(std::string_view issuer)
{
    std::string text(issuer);
    while (text.ends_with('/'))
        text.pop_back();
    auto at = net::parse_url(text + std::string(discovery_path));
    if (!at)
        return errc::invalid_argument;
    return at;
}

result<oidc_endpoints> parse_discovery(std::string_view text, std::string_view issuer)
{
    json::parse_options options;
    options.max_depth = json_depth;
    error_code ec;
    const json::value value = json::parse(text, ec, {}, options);
    // A provider that calls itself otherwise would put that into its tokens, too.
    if (ec || !value.is_object() || text_of(value.get_object(), "issuer") != issuer)
        return errc::corrupt;
    const json::object& document = value.get_object();
    const auto authorize = endpoint_of(document, "authorization_endpoint");
    auto token = endpoint_of(document, "token_endpoint");
    auto keys = endpoint_of(document, "jwks_uri");
    if (!authorize || !token || !keys)
        return errc::corrupt;
    oidc_endpoints at;
    at.authorize = text_of(document, "authorization_endpoint");
    at.token = std::move(*token);
    at.keys = std::move(*keys);
    at.basic = takes_basic(document);
    return at;
}

std::string form_encode(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string authorize_url(
    const oidc_endpoints& at, const oidc_config& config, const oidc_journey& journey, std::string_view return_url
)
{
    std::string scopes = "openid";
    for (const std::string& one : config.scopes)
        scopes += " " + one;
    const std::string challenge = journey.challenge();
    const std::array fields = {
        field{"response_type", "code"}, field{"client_id", config.client_id}, field{"redirect_uri", return_url},
        field{"scope", scopes}, field{"state", journey.state}, field{"nonce", journey.nonce},
        field{"code_challenge", challenge}, field{"code_challenge_method", "S256"}};
    std::string url = at.authorize + (at.authorize.find('?') == std::string::npos ? "?" : "&") + form_of(fields);
    if (journey.purpose == oidc_purpose::again)
        url += "&prompt=login&max_age=0";
    return url;
}

net::client_request token_request_of(
    const oidc_endpoints& at, const oidc_config& config, const oidc_journey& journey, std::string_view code,
    std::string_view return_url
)
{
    const std::array fields = {
        field{"grant_type", "authorization_code"}, field{"code", code}, field{"redirect_uri", return_url},
        field{"code_verifier", journey.verifier}};
    net::client_request req("POST", at.token);
    req.body = form_of(fields);
    req.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    if (!config.client_secret.empty() && at.basic) {
        const std::string pair = form_encode(config.client_id) + ":" + form_encode(config.client_secret);
        req.headers.emplace_back("Authorization", "Basic " + to_base64(pair));
        return req;
    }
    req.body += "&client_id=" + form_encode(config.client_id);
    if (!config.client_secret.empty())
        req.body += "&client_secret=" + form_encode(config.client_secret);
    return req;
}

}  // namespace reprise::http
