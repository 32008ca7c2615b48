#include "oidc_state.hpp"

#include "oidc_token.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <charconv>

namespace reprise::http {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t state_bytes = 32;
constexpr std::size_t cookie_bytes_max = 256;

std::string_view as_text(const sha256_digest& digest)
{
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string_view take_part(std::string_view& rest)
{
    const auto end = rest.find('.');
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

}  // namespace

std::string oidc_journey::challenge() const
{
    return to_base64url(as_text(sha256(verifier)));
}

oidc_journeys::oidc_journeys() : key_(random_bytes(key_bytes)) {}

std::string oidc_journeys::sign(std::string_view text) const
{
    return to_base64url(as_text(hmac_sha256(key_, text)));
}

// Nonce and verifier follow from the state and our key, so that the cookie need not hold them.
oidc_journey oidc_journeys::journey_of(oidc_purpose purpose, std::string_view state) const
{
    oidc_journey journey;
    journey.purpose = purpose;
    journey.state = state;
    journey.nonce = sign("nonce " + journey.state);
    journey.verifier = sign("verifier " + journey.state);
    return journey;
}

oidc_journeys::begun oidc_journeys::begin(oidc_purpose purpose, std::int64_t now_s)
{
    begun out;
    out.journey = journey_of(purpose, random_token(state_bytes));
    out.cookie = std::string(purpose == oidc_purpose::again ? "again" : "in") + "." + out.journey.state + "." +
                 std::to_string(now_s + lifetime_s);
    out.cookie += "." + sign("cookie " + out.cookie);
    return out;
}

std::optional<oidc_journey> oidc_journeys::end(std::string_view cookie, std::string_view state, std::int64_t now_s)
{
    const auto last = cookie.rfind('.');
    if (cookie.size() > cookie_bytes_max || last == std::string_view::npos || state.empty())
        return std::nullopt;
    const std::string_view text = cookie.substr(0, last);
    if (!equal_in_constant_time(sign("cookie " + std::string(text)), cookie.substr(last + 1)))
        return std::nullopt;
    std::string_view rest = text;
    const oidc_purpose purpose = take_part(rest) == "again" ? oidc_purpose::again : oidc_purpose::sign_in;
    const std::string_view wanted = take_part(rest);
    std::int64_t expires_s = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), expires_s);
    if (expires_s <= now_s || !equal_in_constant_time(wanted, state) || !is_first(state, expires_s, now_s))
        return std::nullopt;
    return journey_of(purpose, state);
}

bool oidc_journeys::is_first(std::string_view state, std::int64_t expires_s, std::int64_t now_s)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(ended_, [now_s](const auto& one) { return one.second <= now_s; });
    if (ended_.size() >= ended_max)
        ended_.erase(std::min_element(ended_.begin(), ended_.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
        }));
    return ended_.emplace(state, expires_s).second;
}

}  // namespace reprise::http
