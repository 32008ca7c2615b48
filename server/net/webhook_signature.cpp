#include "reprise/net/webhook_signature.hpp"

#include "webhook_text.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>

namespace reprise::net {
namespace {

constexpr std::size_t signatures_max = 16;  // In one header; those behind are not looked at.

std::string_view view(const sha256_digest& digest) noexcept
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The digest that hex of the right length stands for; empty when it is none.
std::string read_digest(std::string_view hex)
{
    return hex.size() == 2 * sha256_digest().size() ? from_hex(hex) : std::string();
}

bool any_made(secret_list secrets, std::string_view text, std::string_view digest)
{
    bool found = false;
    for (const std::string& secret : secrets)
        found |= !secret.empty() && equal_in_constant_time(view(hmac_sha256(secret, text)), digest);
    return found;
}

// One signature of the form <prefix><hex>.
signature_check check_prefixed(
    secret_list secrets, std::string_view text, std::string_view signature, std::string_view prefix
)
{
    if (signature.empty())
        return signature_check::missing;
    if (!signature.starts_with(prefix))
        return signature_check::malformed;
    const std::string digest = read_digest(signature.substr(prefix.size()));
    if (digest.empty())
        return signature_check::malformed;
    return any_made(secrets, text, digest) ? signature_check::good : signature_check::mismatch;
}

// A signature that covers the time it was made at. The time is believed only once the signature is right.
signature_check check_timed(
    secret_list secrets, std::string_view text, std::string_view signature, std::string_view prefix,
    std::string_view timestamp, std::int64_t now_ns
)
{
    if (timestamp.empty())
        return signature_check::missing;
    const auto signed_ns = find_seconds(timestamp);
    if (!signed_ns)
        return signature_check::malformed;
    const auto found = check_prefixed(secrets, text, signature, prefix);
    if (found == signature_check::good && !is_near(*signed_ns, now_ns))
        return signature_check::stale;
    return found;
}

std::string slack_text(std::string_view timestamp, std::string_view body)
{
    return std::string("v0:").append(timestamp).append(":").append(body);
}

bool starts_without_case(std::string_view text, std::string_view lower_prefix) noexcept
{
    const auto same = [](char want, char c) {
        return want == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
    };
    return text.size() >= lower_prefix.size() &&
           std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), same);
}

}  // namespace

std::string_view to_text(signature_check value) noexcept
{
    switch (value) {
    case signature_check::good: return "good";
    case signature_check::missing: return "missing";
    case signature_check::malformed: return "malformed";
    case signature_check::mismatch: return "mismatch";
    case signature_check::stale: return "stale";
    }
    return "unknown";
}

std::string hex_signature(std::string_view secret, std::string_view text)
{
    return to_hex(hmac_sha256(secret, text));
}

signature_check check_github(secret_list secrets, std::string_view body, std::string_view signature)
{
    return check_prefixed(secrets, body, signature, "sha256=");
}

signature_check check_hex(secret_list secrets, std::string_view body, std::string_view signature)
{
    return check_prefixed(secrets, body, signature, "");
}

signature_check check_pagerduty(secret_list secrets, std::string_view body, std::string_view signature)
{
    if (trimmed(signature).empty())
        return signature_check::missing;
    // Other versions may stand beside ours: a header is malformed only when none of them is of ours.
    auto worst = signature_check::malformed;
    for (std::size_t count = 0; count < signatures_max && !signature.empty(); ++count) {
        const auto one = check_prefixed(secrets, body, trimmed(take_until(signature, ',')), "v1=");
        if (one == signature_check::good)
            return one;
        if (one == signature_check::mismatch)
            worst = one;
    }
    return worst;
}

signature_check check_grafana(
    secret_list secrets, std::string_view body, std::string_view signature, std::string_view timestamp,
    std::int64_t now_ns
)
{
    const std::string text = std::string(timestamp).append(":").append(body);
    return check_timed(secrets, text, signature, "", timestamp, now_ns);
}

std::string slack_signature(std::string_view secret, std::int64_t timestamp_s, std::string_view body)
{
    return "v0=" + hex_signature(secret, slack_text(std::to_string(timestamp_s), body));
}

signature_check check_slack(
    secret_list secrets, std::string_view body, std::string_view signature, std::string_view timestamp,
    std::int64_t now_ns
)
{
    return check_timed(secrets, slack_text(timestamp, body), signature, "v0=", timestamp, now_ns);
}

signature_check check_token(secret_list secrets, std::string_view token)
{
    if (token.empty())
        return signature_check::missing;
    const sha256_digest given = sha256(token);
    bool found = false;
    for (const std::string& secret : secrets)
        found |= !secret.empty() && equal_in_constant_time(view(sha256(secret)), view(given));
    return found ? signature_check::good : signature_check::mismatch;
}

signature_check check_authorization(secret_list secrets, std::string_view authorization)
{
    constexpr std::string_view bearer = "bearer ";
    constexpr std::string_view basic = "basic ";
    if (authorization.empty())
        return signature_check::missing;
    std::string given;
    if (starts_without_case(authorization, bearer))
        given = trimmed(authorization.substr(bearer.size()));
    else if (starts_without_case(authorization, basic))
        given = from_base64(trimmed(authorization.substr(basic.size())));
    if (given.empty())
        return signature_check::malformed;
    return check_token(secrets, given);
}

}  // namespace reprise::net
