#pragma once

#include "reprise/rpc/grpc_server.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace reprise::rpc {

// Null for plain text. The texts were checked by whoever read them; what OpenSSL says against them is thrown.
std::unique_ptr<boost::asio::ssl::context> make_tls(const grpc_server_tls& pem);

}  // namespace reprise::rpc
