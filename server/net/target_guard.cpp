#include "reprise/net/url.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace asio = boost::asio;

namespace reprise::net {
namespace {

struct v4_range {
    std::uint32_t base;
    unsigned prefix;
};

// Everything IANA lists as not globally reachable, and what carries other addresses inside.
constexpr std::array<v4_range, 16> special_v4 = {{
    {0x00000000, 8},   // This host.
    {0x0A000000, 8},   // Private.
    {0x64400000, 10},  // Shared (carrier NAT); 100.100.100.200 is a metadata service.
    {0x7F000000, 8},   // Loopback.
    {0xA9FE0000, 16},  // Link-local; 169.254.169.254 is a metadata service.
    {0xAC100000, 12},  // Private.
    {0xC0000000, 24},  // Protocol assignments.
    {0xC0000200, 24},  // Documentation.
    {0xC0586300, 24},  // 6to4 relays.
    {0xC0A80000, 16},  // Private.
    {0xC6120000, 15},  // Benchmarks.
    {0xC6336400, 24},  // Documentation.
    {0xCB007100, 24},  // Documentation.
    {0xE0000000, 4},   // Multicast.
    {0xF0000000, 4},   // Reserved and broadcast.
    {0xA83F8110, 32},  // 168.63.129.16, a cloud's host agent.
}};

bool starts_with_bits(std::span<const unsigned char> address, std::span<const unsigned char> base, unsigned bits)
{
    const std::size_t whole = bits / 8;
    if (!std::equal(base.begin(), base.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
        return false;
    const unsigned rest = bits % 8;
    if (rest == 0)
        return true;
    const unsigned mask = 0xFFU << (8U - rest) & 0xFFU;
    return (address[whole] & mask) == (base[whole] & mask);
}

bool is_public_v4(std::uint32_t address)
{
    return std::none_of(special_v4.begin(), special_v4.end(), [address](const v4_range& range) {
        const std::uint32_t mask = ~std::uint32_t{0} << (32U - range.prefix);
        return (address & mask) == range.base;
    });
}

// Only 2000::/3 is handed out, and parts of it embed IPv4 or are documentation.
bool is_public_v6(const asio::ip::address_v6::bytes_type& bytes)
{
    static constexpr std::array<unsigned char, 2> six_to_four = {0x20, 0x02};
    static constexpr std::array<unsigned char, 3> protocol_block = {0x20, 0x01, 0x00};  // 2001::/23: Teredo, ORCHID.
    static constexpr std::array<unsigned char, 4> documentation = {0x20, 0x01, 0x0D, 0xB8};
    static constexpr std::array<unsigned char, 2> new_documentation = {0x3F, 0xFF};
    if ((bytes[0] & 0xE0U) != 0x20U)
        return false;
    return !starts_with_bits(bytes, six_to_four, 16) && !starts_with_bits(bytes, protocol_block, 23) &&
           !starts_with_bits(bytes, documentation, 32) && !starts_with_bits(bytes, new_documentation, 16);
}

// A prefix ends at a segment's border: /api matches /api/x and /api?x, not /apix.
bool path_within(std::string_view prefix, std::string_view target)
{
    prefix = prefix.substr(0, prefix.find('?'));
    while (prefix.ends_with('/'))
        prefix.remove_suffix(1);
    if (!target.starts_with(prefix))
        return false;
    return target.size() == prefix.size() || target[prefix.size()] == '/' || target[prefix.size()] == '?';
}

// Dot segments would climb out of the prefix on the other side.
bool has_dot_segments(std::string_view target)
{
    std::string_view path = target.substr(0, target.find('?'));
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        const auto plain = percent_decode(segment, false);
        if (!plain || *plain == "." || *plain == "..")
            return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

}  // namespace

bool is_public_address(const asio::ip::address& address)
{
    if (address.is_v4())
        return is_public_v4(address.to_v4().to_uint());
    return is_public_v6(address.to_v6().to_bytes());
}

target_guard target_guard::allow_all()
{
    target_guard guard;
    guard.all_ = true;
    return guard;
}

result<target_guard::network> target_guard::parse_network(std::string_view text)
{
    const std::size_t slash = text.find('/');
    error_code ec;
    network net;
    net.base = asio::ip::make_address(std::string(text.substr(0, slash)), ec);
    if (ec)
        return errc::bad_url;
    const unsigned bits_max = net.base.is_v4() ? 32 : 128;
    net.prefix = bits_max;
    if (slash == std::string_view::npos)
        return net;
    const std::string_view bits = text.substr(slash + 1);
    const auto [end, parse_ec] = std::from_chars(bits.data(), bits.data() + bits.size(), net.prefix);
    if (parse_ec != std::errc{} || end != bits.data() + bits.size() || net.prefix > bits_max)
        return errc::bad_url;
    return net;
}

result<target_guard> target_guard::parse(
    const std::vector<std::string>& targets, const std::vector<std::string>& networks
)
{
    target_guard guard;
    for (const std::string& text : networks) {
        auto net = parse_network(text);
        if (!net)
            return net.error();
        guard.networks_.push_back(*net);
    }
    for (const std::string& text : targets) {
        auto target = parse_url(text);
        if (!target)
            return target.error();
        if (target->host == "localhost") {
            guard.networks_.push_back({asio::ip::make_address("127.0.0.0"), 8});
            guard.networks_.push_back({asio::ip::make_address("::1"), 128});
        } else if (auto literal = parse_network(target->host)) {
            guard.networks_.push_back(*literal);
        }
        guard.targets_.push_back(std::move(*target));
    }
    return guard;
}

result<void> target_guard::check(const url& target) const
{
    if (all_)
        return {};
    for (const url& allowed : targets_) {
        if (allowed.scheme == target.scheme && allowed.host == target.host && allowed.port == target.port &&
            path_within(allowed.target, target.target) && !has_dot_segments(target.target))
            return {};
    }
    return errc::target_refused;
}

bool target_guard::contains(const network& net, const asio::ip::address& address)
{
    if (net.base.is_v4() != address.is_v4())
        return false;
    if (address.is_v4())
        return starts_with_bits(address.to_v4().to_bytes(), net.base.to_v4().to_bytes(), net.prefix);
    return starts_with_bits(address.to_v6().to_bytes(), net.base.to_v6().to_bytes(), net.prefix);
}

bool target_guard::allows(const asio::ip::address& address) const
{
    if (all_ || is_public_address(address))
        return true;
    return std::any_of(networks_.begin(), networks_.end(), [&address](const network& net) {
        return contains(net, address);
    });
}

}  // namespace reprise::net
