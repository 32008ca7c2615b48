#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// How senders of webhooks show who they are, and how we show it to those who take ours. Pure; safe from any
// thread. Everything is computed over the body as it came, byte for byte, and compared in constant time.
// A check takes several secrets, so that one can be replaced while the other is still in use; an empty
// secret fits nothing.
namespace reprise::net {

using secret_list = std::span<const std::string>;

enum class signature_check : std::uint8_t {
    good,
    missing,    // There is no signature where one belongs.
    malformed,  // It has not the form of its scheme.
    mismatch,   // No secret of ours made it.
    stale,      // It is right, but the time signed with it is too far from now.
};

std::string_view to_text(signature_check value) noexcept;

// How far a signed time may be from ours, in either direction.
constexpr std::int64_t signed_time_tolerance_ns = 300 * ns_per_s;

// Lower-case hex of HMAC-SHA256: what GitHub (behind "sha256="), PagerDuty (behind "v1="), Sentry and Grafana send.
std::string hex_signature(std::string_view secret, std::string_view text);

// X-Hub-Signature-256: "sha256=" and hex. There is no check for the older X-Hub-Signature (SHA-1).
signature_check check_github(secret_list secrets, std::string_view body, std::string_view signature);

// Sentry-Hook-Signature: hex alone.
signature_check check_hex(secret_list secrets, std::string_view body, std::string_view signature);

// X-PagerDuty-Signature: "v1=" and hex, several with commas between; one that fits is enough.
signature_check check_pagerduty(secret_list secrets, std::string_view body, std::string_view signature);

// X-Grafana-Alerting-Signature where a header for the time is configured, too: hex over "<time>:<body>".
// Without one it is check_hex().
signature_check check_grafana(
    secret_list secrets, std::string_view body, std::string_view signature, std::string_view timestamp,
    std::int64_t now_ns
);

// X-Slack-Signature: "v0=" and hex over "v0:<X-Slack-Request-Timestamp>:<body>".
std::string slack_signature(std::string_view secret, std::int64_t timestamp_s, std::string_view body);
signature_check check_slack(
    secret_list secrets, std::string_view body, std::string_view signature, std::string_view timestamp,
    std::int64_t now_ns
);

// The secret itself comes along (X-Gitlab-Token). Takes the same time whatever the lengths are.
signature_check check_token(secret_list secrets, std::string_view token);

// Authorization: "Bearer <secret>", or "Basic" where the secret is "<user>:<password>".
signature_check check_authorization(secret_list secrets, std::string_view authorization);

// A key of the Standard Webhooks specification, in one of its three written forms.
class webhook_key {
public:
    // "whsec_" and base64 of 24 to 64 bytes: both sides have it. "whsk_" and base64 of an Ed25519 seed, or of
    // seed and public key: signs. "whpk_" and base64 of an Ed25519 public key: checks only.
    // errc::invalid_argument for anything else.
    static result<webhook_key> parse(std::string_view text);

    // A new "whsec_" of 32 random bytes, as text.
    static std::string make_secret();

    bool can_sign() const noexcept { return kind_ != kind::public_key; }

    // "v1,<base64>" (HMAC-SHA256) or "v1a,<base64>" (Ed25519) over "<id>.<timestamp>.<body>".
    // errc::invalid_argument for an id that is_webhook_id() refuses, or a key that cannot sign.
    result<std::string> sign(std::string_view id, std::int64_t timestamp_s, std::string_view body) const;

    // Whether this key made one such signature over such a text.
    bool made(std::string_view signature, std::string_view signed_text) const;

private:
    enum class kind : std::uint8_t { shared, private_key, public_key };

    webhook_key(kind which, std::string bytes, std::string public_bytes);

    kind kind_;
    std::string bytes_;         // The shared secret, or the Ed25519 seed.
    std::string public_bytes_;  // Of Ed25519.
};

// 1 to 256 visible ASCII characters without a dot, which would let an id slip into the time signed behind it.
bool is_webhook_id(std::string_view id) noexcept;

struct standard_headers {
    std::string_view id;         // webhook-id
    std::string_view timestamp;  // webhook-timestamp, in seconds
    std::string_view signature;  // webhook-signature: several with blanks between; one that fits is enough.
};

signature_check check_standard(
    std::span<const webhook_key> keys, std::string_view body, const standard_headers& headers, std::int64_t now_ns
);

}  // namespace reprise::net
