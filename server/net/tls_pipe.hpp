#pragma once

#include "certificate_authority.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace reprise::net {

// The server's side of TLS between two buffers, without a socket: the session moves the bytes and so knows when
// they came. For the host that the client names, else `fallback_host`. One strand.
class tls_pipe {
public:
    tls_pipe(certificate_authority& authority, std::string fallback_host);
    tls_pipe(const tls_pipe&) = delete;
    tls_pipe& operator=(const tls_pipe&) = delete;

    enum class step {
        bytes,   // There are some; size says how many.
        more,    // feed() first.
        closed,  // The peer said goodbye.
        failed,  // Not TLS, or none that we speak.
    };
    struct read_result {
        step what = step::more;
        std::size_t size = 0;
    };

    void feed(std::string_view sealed);
    // Shakes hands on the way. What is to be sent then stands in sealed().
    read_result read(char* into, std::size_t size_max);
    // Only after the handshake. False when the connection is broken.
    bool write(std::string_view plain);
    void say_goodbye();

    // What is to be sent to the peer.
    std::string_view sealed() const noexcept;
    void forget_sealed() noexcept;
    bool shook_hands() const noexcept;

private:
    static int choose_certificate(SSL* connection, void* self) noexcept;

    certificate_authority& authority_;
    std::string fallback_host_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    BIO* in_ = nullptr;   // Both are the SSL's.
    BIO* out_ = nullptr;
};

}  // namespace reprise::net
