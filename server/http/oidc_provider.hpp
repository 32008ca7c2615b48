#pragma once

#include "oidc_state.hpp"
#include "oidc_token.hpp"
#include "oidc_urls.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/error.hpp"
#include "reprise/http/oidc.hpp"
#include "reprise/net/client.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::http {

// One provider of identities over the network: its discovery and its keys, kept for a while, and the exchange of codes.
// Any thread; client and clock must outlive it.
class oidc_provider {
public:
    static constexpr std::int64_t kept_ns = 3600LL * 1'000'000'000;          // Discovery and keys.
    static constexpr std::int64_t retry_ns = 5LL * 1'000'000'000;            // After a discovery that failed.
    static constexpr std::int64_t keys_refresh_ns = 60LL * 1'000'000'000;    // Between two, however many kids come.
    static constexpr std::size_t document_bytes_max = 512 * 1024;

    oidc_provider(const oidc_config& config, net::http_client& client, const clock& time);

    const oidc_config& config() const noexcept { return config_; }
    oidc_journeys& journeys() noexcept { return journeys_; }

    // errc::unavailable when the provider cannot be reached, errc::corrupt when it says nothing usable.
    boost::asio::awaitable<result<oidc_endpoints>> find_endpoints();

    // The ID token for a code; errc::denied when the provider does not take the code.
    boost::asio::awaitable<result<std::string>> exchange(
        const oidc_journey& journey, std::string_view code, std::string_view return_url
    );

    // Asks for the provider's keys again when the token names an unknown one, within limits.
    boost::asio::awaitable<result<token_outcome>> check(std::string_view id_token, const oidc_journey& journey);

private:
    using key_list = std::shared_ptr<const std::vector<provider_key>>;

    boost::asio::awaitable<result<std::string>> fetch(net::url from);
    boost::asio::awaitable<result<key_list>> refresh_keys();
    std::optional<oidc_endpoints> known_endpoints(std::int64_t now_ns);
    bool may_discover(std::int64_t now_ns);
    bool may_refresh_keys(std::int64_t now_ns);
    key_list known_keys(std::int64_t now_ns);

    const oidc_config config_;
    net::http_client& client_;
    const clock& time_;
    oidc_journeys journeys_;

    std::mutex mutex_;  // Guards what follows; never held while waiting.
    std::optional<oidc_endpoints> endpoints_;
    std::int64_t endpoints_ns_ = 0;
    std::optional<std::int64_t> discovery_tried_ns_;
    key_list keys_;
    std::int64_t keys_ns_ = 0;
    std::optional<std::int64_t> keys_tried_ns_;
};

}  // namespace reprise::http
