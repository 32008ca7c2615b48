#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <mutex>

// What ties the way to the provider of identities and the way back to one browser: a short-lived signed cookie.
namespace reprise::http {

enum class oidc_purpose : std::uint8_t {
    sign_in,
    again,  // Somebody who is signed in proves who they are.
};

struct oidc_journey {
    oidc_purpose purpose = oidc_purpose::sign_in;
    std::string state;     // Sent along, must come back with this cookie.
    std::string nonce;     // Must be in the ID token.
    std::string verifier;  // PKCE; only the token endpoint sees it.

    std::string challenge() const;  // Its SHA-256.
};

// Makes journeys and takes each back once. The key is of this process: a restart ends what is under way. Any thread.
class oidc_journeys {
public:
    static constexpr std::int64_t lifetime_s = 600;
    static constexpr std::size_t ended_max = 4096;  // The oldest are forgotten; their codes are used up by then.

    oidc_journeys();

    struct begun {
        oidc_journey journey;
        std::string cookie;
    };
    begun begin(oidc_purpose purpose, std::int64_t now_s);

    // Nothing when the cookie is not ours, too old, of another state, or came back before.
    std::optional<oidc_journey> end(std::string_view cookie, std::string_view state, std::int64_t now_s);

private:
    std::string sign(std::string_view text) const;
    oidc_journey journey_of(oidc_purpose purpose, std::string_view state) const;
    bool is_first(std::string_view state, std::int64_t expires_s, std::int64_t now_s);

    const std::string key_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::int64_t> ended_;  // Until when it matters.
};

}  // namespace reprise::http
