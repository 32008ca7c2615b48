#include "secret_names.hpp"

#include "secret_find.hpp"
#include "text_class.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace reprise::telemetry {
namespace {

constexpr std::size_t name_bytes_max = 256;

struct named_type {
    std::string_view text;
    std::string_view type;
};

// Anywhere in the name, signs left out.
constexpr named_type parts[] = {
    {"passw", "password"},     {"passphrase", "password"}, {"passcode", "password"},   {"pwd", "password"},
    {"secret", "secret"},      {"credential", "secret"},   {"privatekey", "key"},      {"apikey", "key"},
    {"accesskey", "key"},      {"signingkey", "key"},      {"encryptionkey", "key"},   {"authkey", "key"},
    {"token", "token"},        {"bearer", "token"},        {"authorization", "auth"},  {"authentication", "auth"},
    {"jwt", "token"},          {"session", "session"},     {"cookie", "cookie"},       {"signature", "secret"},
    {"creditcard", "card"},    {"cardnum", "card"},        {"cardno", "card"},         {"ccnum", "card"},
    {"iban", "iban"},          {"accountnum", "account"},  {"socialsecurity", "ssn"},  {"email", "email"},
    {"phone", "phone"},        {"birthdate", "birth"},     {"dateofbirth", "birth"},   {"securitycode", "card"},
    {"passport", "id"},         {"taxid", "id"},           {"nationalid", "id"},       {"driverlicen", "id"},
    {"drivinglicen", "id"},     {"firstname", "name"},     {"lastname", "name"},       {"surname", "name"},
    {"fullname", "name"},       {"maidenname", "name"},    {"streetaddress", "address"}, {"bankaccount", "account"},
    {"routingnumber", "account"}, {"sortcode", "account"}, {"sessid", "session"}, {"passkey", "key"},
    {"codeverifier", "secret"}, {"kennwort", "password"},  {"contrase", "password"}, {"motdepasse", "password"},
};

// A whole word of the name.
constexpr named_type words[] = {
    {"pass", "password"}, {"key", "key"},     {"keys", "key"},   {"auth", "auth"},   {"card", "card"},
    {"pan", "card"},      {"cvv", "card"},    {"cvc", "card"},   {"cvv2", "card"},   {"pin", "password"},
    {"otp", "password"},  {"totp", "secret"}, {"mfa", "secret"}, {"ssn", "ssn"},     {"tin", "ssn"},
    {"sin", "ssn"},       {"dob", "birth"},   {"birthday", "birth"}, {"mail", "email"}, {"mobile", "phone"},
    {"msisdn", "phone"},  {"tel", "phone"},   {"fax", "phone"},  {"sid", "session"}, {"csrf", "token"},
    {"xsrf", "token"},    {"nonce", "token"}, {"license", "key"}, {"pw", "password"}, {"pswd", "password"},
    {"sig", "secret"},    {"sess", "session"}, {"senha", "password"}, {"clave", "password"}, {"mdp", "password"},
};

// "dbpass" is one word; these are words, too.
constexpr std::string_view no_passwords[] = {"bypass", "compass", "encompass", "overpass", "surpass", "trespass",
                                             "underpass"};

// Names that hold one of the parts and no secret.
constexpr std::string_view harmless[] = {
    "maxtokens", "tokens", "tokencount", "totaltokens", "prompttokens", "completiontokens", "inputtokens",
    "outputtokens"};

constexpr std::string_view allowed_headers[] = {
    "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges",
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age",
    "access-control-request-headers", "access-control-request-method", "age", "allow", "baggage",
    "cache-control", "connection", "content-disposition", "content-encoding", "content-language",
    "content-length", "content-location", "content-range", "content-type", "date", "etag", "expect", "expires",
    "grpc-encoding", "grpc-message", "grpc-status", "host", "if-match", "if-modified-since", "if-none-match",
    "if-range", "if-unmodified-since", "keep-alive", "last-modified", "link", "location", "origin", "pragma",
    "prefer", "range", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "referer", "retry-after",
    "server", "server-timing", "te", "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade",
    "user-agent", "vary", "via", "x-correlation-id", "x-ratelimit-remaining", "x-replay", "x-request-id"};
static_assert(std::is_sorted(std::begin(allowed_headers), std::end(allowed_headers)));

// Whatever an operator says.
constexpr std::string_view secret_headers[] = {
    "authorization", "cookie", "proxy-authenticate", "proxy-authorization", "set-cookie", "www-authenticate",
    "x-api-key"};

// Lower case without signs: "userEmail_1" -> "useremail1".
std::string squeezed(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (is_alnum(c))
            out += to_lower(c);
    }
    return out;
}

// What a long name says stands at its end: "user[profile][password]".
std::string_view last_bytes(std::string_view name)
{
    return name.substr(name.size() - std::min(name.size(), name_bytes_max));
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
}

// Words end at signs and where a capital follows a small letter.
template <class Visit>
void for_each_word(std::string_view name, Visit visit)
{
    std::string word;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool begins = is_upper(name[i]) && i > 0 && !is_upper(name[i - 1]);
        if ((!is_alnum(name[i]) || begins) && !word.empty()) {
            visit(std::string_view(word));
            word.clear();
        }
        if (is_alnum(name[i]))
            word += to_lower(name[i]);
    }
    if (!word.empty())
        visit(std::string_view(word));
}

std::string_view type_of_part(std::string_view flat)
{
    const auto found = std::find_if(std::begin(parts), std::end(parts), [flat](const named_type& part) {
        return flat.find(part.text) != std::string_view::npos;
    });
    return found == std::end(parts) ? std::string_view() : found->type;
}

}  // namespace

std::string_view find_secret_name(std::string_view name)
{
    name = last_bytes(name);
    const std::string flat = squeezed(name);
    if (std::find(std::begin(harmless), std::end(harmless), flat) != std::end(harmless))
        return {};
    if (const std::string_view type = type_of_part(flat); !type.empty())
        return type;
    std::string_view type;
    for_each_word(name, [&type](std::string_view word) {
        if (type.empty() && word.ends_with("pass") &&
            std::find(std::begin(no_passwords), std::end(no_passwords), word) == std::end(no_passwords))
            type = "password";
        const auto found = std::find_if(std::begin(words), std::end(words), [word](const named_type& one) {
            return one.text == word;
        });
        if (found != std::end(words) && type.empty())
            type = found->type;
    });
    return type;
}

bool is_loose_name(std::string_view name)
{
    return type_of_part(squeezed_name(name)).empty();
}

std::string without_tokens(std::string_view name)
{
    std::string said;
    while (!name.empty()) {
        const std::size_t token = match_token(name);
        said += token == 0 ? name[0] : ' ';
        name.remove_prefix(std::max<std::size_t>(token, 1));
    }
    return said;
}

bool is_allowed_header(std::string_view name)
{
    return std::binary_search(std::begin(allowed_headers), std::end(allowed_headers), std::string_view(lowered(name)));
}

bool is_secret_header(std::string_view name)
{
    return std::find(std::begin(secret_headers), std::end(secret_headers), lowered(name)) != std::end(secret_headers);
}

std::string squeezed_name(std::string_view name)
{
    return squeezed(last_bytes(name));
}

std::string_view header_secret_type(std::string_view name)
{
    const std::string_view type = find_secret_name(name);
    return type.empty() ? "header" : type;
}

}  // namespace reprise::telemetry
