#include "tls.hpp"

#include <boost/asio/buffer.hpp>

#include <openssl/ssl.h>

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace reprise::rpc {
namespace {

// gRPC is HTTP/2 alone: who offers other protocols only is sent away, who offers none speaks it anyway.
int choose_protocol(
    SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned offered_size, void*
)
{
    static constexpr unsigned char http_2[] = {2, 'h', '2'};
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, http_2, sizeof http_2, offered, offered_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

std::unique_ptr<ssl::context> make_tls(const grpc_server_tls& pem)
{
    if (pem.cert.empty())
        return nullptr;
    auto made = std::make_unique<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = made->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    // Sessions are not taken up again: under client certificates that would need a name of its own.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    made->use_certificate_chain(asio::buffer(pem.cert));
    made->use_private_key(asio::buffer(pem.key), ssl::context::pem);
    if (!pem.client_ca.empty()) {
        made->add_certificate_authority(asio::buffer(pem.client_ca));
        made->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    }
    return made;
}

}  // namespace reprise::rpc
