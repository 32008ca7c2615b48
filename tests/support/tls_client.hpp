#pragma once

#include "certificates.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace reprise::test {

// Whom a client of a test shows itself as, and how old it is.
struct tls_client_config {
    std::string cert_file;
    std::string key_file;
    int version_max = TLS1_3_VERSION;
};

// A blocking client under TLS that trusts the test's authority; ten seconds at most.
class tls_client {
public:
    tls_client(std::uint16_t port, const certificates& from, const tls_client_config& config = {})
        : ssl_(boost::asio::ssl::context::tls_client), stream_(context_, prepared(ssl_, from, config))
    {
        auto& socket = stream_.next_layer();
        socket.connect({boost::asio::ip::address_v4::loopback(), port});
        const timeval limit{10, 0};
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        stream_.handshake(boost::asio::ssl::stream_base::client, failed_);
    }

    // TLS 1.3 tells a refused client certificate only with the first read.
    bool shook_hands() const { return !failed_; }

    bool send(std::string_view bytes)
    {
        boost::system::error_code ec;
        boost::asio::write(stream_, boost::asio::buffer(bytes), ec);
        return !ec && !failed_;
    }

    // Until `end` is in the text, or nothing more comes.
    std::string receive_until(std::string_view end)
    {
        std::string text;
        boost::system::error_code ec = failed_;
        while (!ec && text.find(end) == std::string::npos) {
            char part[16384];
            const std::size_t size = stream_.read_some(boost::asio::buffer(part), ec);
            text.append(part, size);
        }
        return text;
    }

    std::string receive(std::size_t bytes)
    {
        std::string text;
        boost::system::error_code ec = failed_;
        while (!ec && text.size() < bytes) {
            char part[16384];
            const std::size_t size = stream_.read_some(boost::asio::buffer(part), ec);
            text.append(part, size);
        }
        return text;
    }

    // True when the server ended the conversation in good order: close_notify came.
    bool at_end()
    {
        char byte = 0;
        boost::system::error_code ec;
        stream_.read_some(boost::asio::buffer(&byte, 1), ec);
        return ec == boost::asio::error::eof;
    }

    void close() { stream_.next_layer().close(); }
    std::string version() { return SSL_get_version(stream_.native_handle()); }
    std::string protocol()
    {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(stream_.native_handle(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }

private:
    static boost::asio::ssl::context& prepared(
        boost::asio::ssl::context& ssl, const certificates& from, const tls_client_config& config
    )
    {
        ssl.load_verify_file(from.authority());
        ssl.set_verify_mode(boost::asio::ssl::verify_peer);
        if (!config.cert_file.empty()) {
            ssl.use_certificate_chain_file(config.cert_file);
            ssl.use_private_key_file(config.key_file, boost::asio::ssl::context::pem);
        }
        // Debian's security level forbids what is to be refused here.
        if (config.version_max < TLS1_2_VERSION)
            SSL_CTX_set_security_level(ssl.native_handle(), 0);
        // As browsers and curl offer it.
        static constexpr unsigned char offered[] = "\x02h2\x08http/1.1";
        SSL_CTX_set_alpn_protos(ssl.native_handle(), offered, sizeof offered - 1);
        SSL_CTX_set_min_proto_version(ssl.native_handle(), 0);
        SSL_CTX_set_max_proto_version(ssl.native_handle(), config.version_max);
        return ssl;
    }

    boost::asio::io_context context_;
    boost::asio::ssl::context ssl_;
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
    boost::system::error_code failed_;
};

}  // namespace reprise::test
