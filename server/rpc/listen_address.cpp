#include "listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <charconv>
#include <optional>
#include <string>

namespace reprise::rpc {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::optional<std::uint16_t> find_port(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || ec != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return port;
}

result<tcp::endpoint> parse_listen_address(std::string_view listen)
{
    const auto colon = listen.rfind(':');
    if (colon == std::string_view::npos)
        return errc::address_malformed;
    std::string_view host = listen.substr(0, colon);
    const auto port = find_port(listen.substr(colon + 1));
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    if (host == "localhost")
        host = "127.0.0.1";

    error_code ec;
    const auto address = asio::ip::make_address(std::string(host), ec);
    if (ec || !port || address.is_v6() != bracketed)
        return errc::address_malformed;
    return tcp::endpoint(address, *port);
}

}  // namespace

result<tcp::acceptor> open_listener(asio::any_io_executor executor, std::string_view listen)
{
    const auto endpoint = parse_listen_address(listen);
    if (!endpoint)
        return endpoint.error();

    tcp::acceptor made(std::move(executor));
    error_code ec;
    made.open(endpoint->protocol(), ec);
    if (!ec)
        made.set_option(asio::socket_base::reuse_address(true), ec);  // For TIME_WAIT.
    if (!ec)
        made.bind(*endpoint, ec);
    if (!ec)
        made.listen(asio::socket_base::max_listen_connections, ec);
    if (ec == asio::error::address_in_use)
        return errc::address_in_use;
    if (ec)
        return errc::address_refused;
    return made;
}

}  // namespace reprise::rpc
