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

}  // namespace reprise::net
