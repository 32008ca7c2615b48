#include "peer_address.hpp"

namespace reprise::rpc {
namespace {

std::string_view without_prefix(std::string_view text, std::string_view prefix)
{
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

std::string_view without_suffix(std::string_view text, std::string_view suffix)
{
    return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

}  // namespace

std::string address_of_peer(std::string_view peer)
{
    const bool is_ipv6 = peer.starts_with("ipv6:");
    if (!is_ipv6 && !peer.starts_with("ipv4:"))
        return std::string(peer);
    peer.remove_prefix(5);
    peer = peer.substr(0, peer.rfind(':'));
    if (is_ipv6) {
        peer = without_prefix(without_prefix(peer, "%5B"), "[");
        peer = without_suffix(without_suffix(peer, "%5D"), "]");
    }
    return std::string(peer);
}

}  // namespace reprise::rpc
