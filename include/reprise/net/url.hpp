#pragma once

#include "reprise/net/error.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Where requests may go. Pure; safe from any thread.
namespace reprise::net {

// An absolute http(s) URL taken apart. Canonical: scheme and host in lower case, IPv6 without
// brackets, no user, no fragment, port always set, target never empty.
struct url {
    std::string scheme;
    std::string host;
    std::uint16_t port = 80;
    std::string target = "/";  // Path and query, percent-encoded.

    std::string authority() const;  // "host", "host:8080", "[::1]:8080": what stands in Host.
    std::string origin() const;     // "http://host:8080"; the default port is left out.
};

// errc::bad_url for anything relative, with a user part, with a fragment, with control characters or
// with a host of the numeric kind that is not a plain dotted quad (0x7f.1, 127.1, 2130706433).
result<url> parse_url(std::string_view text);

// Percent-decoding of one path segment or query value; errc::bad_message for a broken escape or NUL.
result<std::string> percent_decode(std::string_view text, bool plus_is_space);

// Which targets an outgoing request may have: a list of URL prefixes, and for what their names
// resolve to, a list of networks. Addresses that are not plain public unicast (loopback, private,
// link-local, shared, multicast, documentation, IPv6 forms that embed IPv4, cloud metadata) need
// a network that names them; a target given as an address literal or as "localhost" names itself.
class target_guard {
public:
    // `targets`: "http://127.0.0.1:3000", "http://shop.test/api" (path prefix by whole segments).
    // `networks`: "10.0.0.0/8", "fd00::/8". errc::bad_url when one of them is malformed.
    static result<target_guard> parse(
        const std::vector<std::string>& targets, const std::vector<std::string>& networks
    );

    // Everything goes: for clients whose URLs come from the operator's own command line.
    static target_guard allow_all();

    // errc::target_refused unless scheme, host, port and path prefix of one target match.
    result<void> check(const url& target) const;
    bool allows(const boost::asio::ip::address& address) const;

private:
    struct network {
        boost::asio::ip::address base;
        unsigned prefix = 0;
    };
    static bool contains(const network& net, const boost::asio::ip::address& address);
    static result<network> parse_network(std::string_view text);

    bool all_ = false;
    std::vector<url> targets_;
    std::vector<network> networks_;
};

// True for plain public unicast addresses only.
bool is_public_address(const boost::asio::ip::address& address);

}  // namespace reprise::net
