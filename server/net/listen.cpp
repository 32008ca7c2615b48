#include "listen.hpp"

#include "reprise/base/log.hpp"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace reprise::net {
namespace {

error_code bind_all(tcp::acceptor& acceptor, const tcp::endpoint& where)
{
    error_code ec;
    acceptor.open(where.protocol(), ec);
    if (!ec)
        acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec)
        acceptor.bind(where, ec);
    if (!ec)
        acceptor.listen(asio::socket_base::max_listen_connections, ec);
    return ec;
}

}  // namespace

result<void> listen_on(tcp::acceptor& acceptor, const std::string& address, std::uint16_t port)
{
    error_code ec;
    const auto parsed = asio::ip::make_address(address, ec);
    if (!ec)
        ec = bind_all(acceptor, tcp::endpoint(parsed, port));
    if (ec) {
        log_error("net.listen", "cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message());
        return ec == asio::error::address_in_use ? errc::address_in_use : errc::listen_failed;
    }
    return {};
}

}  // namespace reprise::net
