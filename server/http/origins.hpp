#pragma once

#include "reprise/base/error.hpp"
#include "reprise/net/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::http {

// Which Host a request may name and which Origin it may come from. A foreign Host on our address is
// DNS rebinding; a foreign Origin is another site's page using the person's cookie. Pure.
class origin_rules {
public:
    // invalid_argument when `public_url` is no origin (http or https, host, no path).
    static result<origin_rules> parse(std::string_view public_url, const std::vector<std::string>& hosts);

    bool is_https() const noexcept { return is_https_; }
    const std::string& public_url() const noexcept { return public_url_; }
    std::string cookie_name() const;

    bool is_our_host(std::string_view host) const;
    // By Origin and Sec-Fetch-Site; a request without either comes from no browser and passes.
    bool is_same_origin(const net::request& req) const;

private:
    std::vector<std::string> hosts_;  // Lower case, "host:port".
    std::string public_url_;
    std::string port_;
    bool is_https_ = false;
};

// The router's gate: 421 for foreign hosts (health checks excepted), 403 for changes from elsewhere.
std::optional<net::response> refuse_foreign(const origin_rules& rules, const net::request& req);

}  // namespace reprise::http
