#pragma once

#include "reprise/net/tls.hpp"

#include <boost/asio/ssl/context.hpp>

namespace reprise::net {

class tls_context {
public:
    tls_context() : context(boost::asio::ssl::context::tls_server) {}

    boost::asio::ssl::context context;
    tls_pem pem;
};

class client_tls {
public:
    client_tls() : context(boost::asio::ssl::context::tls_client) {}

    boost::asio::ssl::context context;
    bool insecure = false;
};

// TLS 1.2 and newer, no renegotiation, HTTP/1.1 as the only application protocol.
void harden(boost::asio::ssl::context& context);

}  // namespace reprise::net
