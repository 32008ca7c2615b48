#pragma once

#include "reprise/net/client.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>

namespace reprise::net {

// A kept connection without an executor: whoever takes it puts it on a strand of their own.
class idle_socket {
public:
    idle_socket(int handle, boost::asio::ip::tcp::endpoint remote) : handle_(handle), remote_(std::move(remote)) {}
    ~idle_socket();
    idle_socket(idle_socket&& other) noexcept;
    idle_socket& operator=(idle_socket&& other) noexcept;

    const boost::asio::ip::tcp::endpoint& remote() const noexcept { return remote_; }
    int release() noexcept;
    // False once the peer hung up or sent something nobody asked for.
    bool is_quiet() const noexcept;

private:
    int handle_ = -1;
    boost::asio::ip::tcp::endpoint remote_;
};

// Connections that wait for their next request. Safe from any thread; blocks for a system call at
// most.
class http_client::pool {
public:
    explicit pool(const client_limits& limits) : idle_max_(limits.idle), count_max_(limits.idle_connections_max) {}

    std::optional<idle_socket> take(const std::string& origin);
    void keep(const std::string& origin, idle_socket socket);
    void clear();

private:
    struct entry {
        std::string origin;
        idle_socket socket;
        std::chrono::steady_clock::time_point since;
    };

    std::chrono::milliseconds idle_max_;
    std::size_t count_max_;
    std::mutex mutex_;
    std::list<entry> entries_;  // Oldest first.
};

}  // namespace reprise::net
