#pragma once

#include "reprise/base/error.hpp"
#include "reprise/net/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where webhooks may go: https to public addresses, and what the operator listed. A value, not changed once filled;
// safe from any thread.
namespace reprise::forge {

class webhook_rules {
public:
    // A network ("10.0.0.0/8"), an address, or a host name ("hooks.internal"): there plain http is allowed, too, and a
    // listed name may lead to any address. errc::invalid_argument for anything else.
    result<void> allow(std::string_view item);

    // Why this URL may not be called, as one sentence with the way out. What a name leads to is only known when it is
    // called: guard_for() decides that.
    std::optional<std::string> find_fault(const net::url& target) const;

    // For a client that calls this one URL, which find_fault() has passed.
    net::target_guard guard_for(const net::url& target) const;

private:
    bool is_listed_host(std::string_view host) const;
    bool is_listed_address(const boost::asio::ip::address& address) const;

    std::vector<std::string> hosts_;
    std::vector<std::string> networks_;
    net::target_guard listed_ = net::target_guard::parse({}, {}).value();
};

}  // namespace reprise::forge
