#pragma once

#include <string>
#include <string_view>

namespace reprise::rpc {

// The address in gRPC's name of a peer: "ipv4:10.0.0.7:51234" and "ipv6:%5B::1%5D:51234" give
// "10.0.0.7" and "::1". Anything else is its own address.
std::string address_of_peer(std::string_view peer);

}  // namespace reprise::rpc
