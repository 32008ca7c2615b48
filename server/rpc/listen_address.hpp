#pragma once

#include "reprise/rpc/grpc_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace reprise::rpc {

// Listens at "127.0.0.1:4317", "[::1]:0", "localhost:4317". An errc says why not.
result<boost::asio::ip::tcp::acceptor> open_listener(boost::asio::any_io_executor executor, std::string_view listen);

}  // namespace reprise::rpc
