#pragma once

#include <string>
#include <string_view>
#include <vector>

// Where an API token may be used from: networks like "10.0.0.0/8" or "2001:db8::/32", or single addresses.
namespace reprise::http {

constexpr std::size_t token_networks_max = 32;

bool is_network(std::string_view text);
// Whether the address is in one of them; everywhere is allowed when there are none. An IPv4 address written as IPv6
// is the IPv4 address.
bool is_within(std::string_view address, const std::vector<std::string>& networks);

// Whom to count as one: an IPv4 address, or the /64 of an IPv6 one, which its owner has to themselves.
std::string peer_group(std::string_view address);

}  // namespace reprise::http
