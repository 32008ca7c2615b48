#pragma once

#include "reprise/net/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace reprise::net {

// Opens, binds and listens. errc::address_in_use or listen_failed; why is logged.
result<void> listen_on(boost::asio::ip::tcp::acceptor& acceptor, const std::string& address, std::uint16_t port);

}  // namespace reprise::net
