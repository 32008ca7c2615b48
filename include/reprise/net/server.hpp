#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/base/task_group.hpp"
#include "reprise/net/error.hpp"
#include "reprise/net/router.hpp"
#include "reprise/net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace reprise::net {

struct server_config {
    std::string name = "http";               // In the log and as metrics label: "api", "otlp".
    std::string address = "127.0.0.1";       // An address literal.
    std::uint16_t port = 0;                  // 0: any free one, see server::port().
    std::size_t header_bytes_max = 8 * 1024;
    std::size_t sessions_max = 1024;         // Connections beyond it wait in the kernel's backlog.
    std::size_t bodies_bytes_max = 96 * 1024 * 1024;  // Of all bodies being read or handled; then 503.
    std::chrono::milliseconds header{10'000};         // From the first byte to the end of the header.
    std::chrono::milliseconds body{30'000};
    std::chrono::milliseconds idle{60'000};           // Between two requests.
    std::chrono::milliseconds write{30'000};          // For each 256 KiB of an answer.
    websocket_limits websocket;
    header_list headers;                     // Added to every answer that does not set them itself.
    std::shared_ptr<tls_context> tls;        // Null: plain HTTP.
};

// Accepts connections on one address and serves a router's routes over HTTP/1.1, under TLS if so told. listen() first,
// start() then; everything given by reference must outlive drain(). Sessions run on `pool`, each on
// a strand of its own. start(), stop() and port() are safe from any thread.
class server {
public:
    server(
        boost::asio::any_io_executor pool, server_config config, const router& routes, const clock& time,
        metrics& numbers
    );
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Binds. errc::address_in_use or listen_failed.
    result<void> listen();
    std::uint16_t port() const noexcept;

    // Accepts until stop().
    void start();

    // No new connections, idle ones end at once, running requests get their answer, WebSocket
    // handlers are cancelled. Idempotent.
    void stop();

    // True when nothing is left within `limit`. What is left after it is cut off by a second stop.
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds limit);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace reprise::net
