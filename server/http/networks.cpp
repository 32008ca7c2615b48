#include "networks.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace reprise::http {
namespace {

namespace ip = boost::asio::ip;

struct network {
    ip::address base;
    unsigned prefix = 0;
};

std::optional<ip::address> find_address(std::string_view text)
{
    boost::system::error_code ec;
    const auto address = ip::make_address(text, ec);
    if (ec || text.find('%') != std::string_view::npos)
        return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::address(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
    return address;
}

std::optional<network> find_network(std::string_view text)
{
    const auto slash = text.find('/');
    const auto base = find_address(text.substr(0, slash));
    if (!base)
        return std::nullopt;
    const unsigned bits = base->is_v4() ? 32 : 128;
    network found{*base, bits};
    if (slash == std::string_view::npos)
        return found;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), found.prefix);
    if (code != std::errc() || end != digits.data() + digits.size() || found.prefix > bits)
        return std::nullopt;
    return found;
}

bool contains(const network& where, const ip::address& address)
{
    if (where.base.is_v4() != address.is_v4())
        return false;
    const auto prefix = static_cast<unsigned short>(where.prefix);
    if (address.is_v4())
        return ip::network_v4(where.base.to_v4(), prefix).network() ==
               ip::network_v4(address.to_v4(), prefix).network();
    return ip::network_v6(where.base.to_v6(), prefix).network() == ip::network_v6(address.to_v6(), prefix).network();
}

}  // namespace

bool is_network(std::string_view text)
{
    return find_network(text).has_value();
}

bool is_within(std::string_view address, const std::vector<std::string>& networks)
{
    if (networks.empty())
        return true;
    const auto from = find_address(address);
    return from && std::any_of(networks.begin(), networks.end(), [&from](const std::string& text) {
        const auto where = find_network(text);
        return where && contains(*where, *from);
    });
}

std::string peer_group(std::string_view address)
{
    constexpr unsigned short household_bits = 64;
    const auto peer = find_address(address.substr(0, address.find('%')));
    if (!peer || peer->is_v4())
        return std::string(address);
    return ip::network_v6(peer->to_v6(), household_bits).canonical().to_string();
}

}  // namespace reprise::http
