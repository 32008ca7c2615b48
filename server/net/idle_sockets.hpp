#pragma once

#include "http2_link.hpp"

#include "reprise/net/client.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace reprise::net {

struct free_tls {
    void operator()(SSL* handle) const noexcept { SSL_free(handle); }
};
using tls_handle = std::unique_ptr<SSL, free_tls>;

// A kept connection without an executor: whoever takes it puts it on a strand of their own.
class idle_socket {
public:
    idle_socket(int handle, boost::asio::ip::tcp::endpoint remote, tls_handle tls)
        : handle_(handle), remote_(std::move(remote)), tls_(std::move(tls))
    {
    }
    ~idle_socket();
    idle_socket(idle_socket&& other) noexcept;
    idle_socket& operator=(idle_socket&& other) noexcept;

    const boost::asio::ip::tcp::endpoint& remote() const noexcept { return remote_; }
    int release() noexcept;
    SSL* release_tls() noexcept { return tls_.release(); }  // Null when plain.
    // False once the peer hung up or sent something nobody asked for.
    bool is_quiet() const noexcept;

private:
    int handle_ = -1;
    boost::asio::ip::tcp::endpoint remote_;
    tls_handle tls_;
};

// Connections that wait for their next request, and those that carry several at once. Safe from any thread;
// blocks for a system call at most, and the first time for reading the system's certificates.
class http_client::pool {
public:
    explicit pool(const client_limits& limits) : limits_(limits) {}

    std::optional<idle_socket> take(const std::string& origin);
    void keep(const std::string& origin, idle_socket socket);
    // The origin's connection, or a new one that is yet to be dialled.
    std::shared_ptr<http2_link> share_link(const std::string& origin, const boost::asio::any_io_executor& executor);
    // Null when it cannot be read.
    client_tls* find_system_trust();
    void clear();

private:
    struct entry {
        std::string origin;
        idle_socket socket;
        std::chrono::steady_clock::time_point since;
    };

    client_limits limits_;
    std::mutex mutex_;
    std::list<entry> entries_;  // Oldest first.
    std::map<std::string, std::shared_ptr<http2_link>> links_;
    std::shared_ptr<client_tls> system_trust_;
};

}  // namespace reprise::net
