#include "reprise/forge/webhook_rules.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace reprise::forge {
namespace {

std::optional<asio::ip::address> find_literal(const std::string& host)
{
    error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    return ec ? std::nullopt : std::optional(address);
}

constexpr const char* way_out = "; list the host or its network in forge.webhooks.allow, or give an https URL";

}  // namespace

result<void> webhook_rules::allow(std::string_view item)
{
    std::vector<std::string> networks = networks_;
    networks.emplace_back(item);
    if (auto listed = net::target_guard::parse({}, networks)) {
        networks_ = std::move(networks);
        listed_ = std::move(*listed);
        return {};
    }
    const auto named = net::parse_url("http://" + std::string(item));
    if (!named || named->target != "/" || named->authority() != named->host || named->host != item)
        return errc::invalid_argument;
    hosts_.emplace_back(item);
    return {};
}

bool webhook_rules::is_listed_host(std::string_view host) const
{
    return std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end();
}

bool webhook_rules::is_listed_address(const asio::ip::address& address) const
{
    return listed_.allows(address) && !net::is_public_address(address);
}

std::optional<std::string> webhook_rules::find_fault(const net::url& target) const
{
    if (is_listed_host(target.host))
        return std::nullopt;
    const auto literal = find_literal(target.host);
    if (literal && is_listed_address(*literal))
        return std::nullopt;
    if (target.scheme != "https")
        return "webhooks go over https" + std::string(way_out);
    // A guard lets an address pass that its own target names, so that this is the place to refuse it.
    if (literal && !net::is_public_address(*literal))
        return target.host + " is no public address" + way_out;
    if (target.host == "localhost")
        return "localhost is no public address" + std::string(way_out);
    return std::nullopt;
}

net::target_guard webhook_rules::guard_for(const net::url& target) const
{
    std::vector<std::string> networks = networks_;
    if (is_listed_host(target.host)) {
        networks.emplace_back("0.0.0.0/0");
        networks.emplace_back("::/0");
    }
    auto guard = net::target_guard::parse({target.origin()}, networks);
    return guard ? std::move(*guard) : net::target_guard::parse({}, {}).value();
}

}  // namespace reprise::forge
