#pragma once

#include "reprise/net/certificate_authority.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace reprise::net {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using cert_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

class certificate_authority {
public:
    certificate_authority(key_ptr key, cert_ptr cert, authority_description about);
    certificate_authority(const certificate_authority&) = delete;
    certificate_authority& operator=(const certificate_authority&) = delete;

    const authority_description& about() const noexcept { return about_; }
    SSL_CTX* context() noexcept { return context_.native_handle(); }

    // Shows the certificate of `host` (a name or an address literal) in this handshake. False when there can be none.
    bool show(SSL* connection, const std::string& host);

private:
    cert_ptr make(const std::string& host) const;

    key_ptr key_;
    cert_ptr cert_;
    authority_description about_;
    key_ptr host_key_;  // Of all hosts: it lives and dies with this object.
    boost::asio::ssl::context context_;
    std::mutex mutex_;
    std::map<std::string, cert_ptr, std::less<>> hosts_;
};

}  // namespace reprise::net
