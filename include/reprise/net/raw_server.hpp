#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/certificate_authority.hpp"
#include "reprise/net/error.hpp"
#include "reprise/net/raw_message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

// A server that stands in for others: it takes any method for any host, as origin or as forward proxy, plain or
// under TLS (told by the first byte; also inside CONNECT), and stamps each request when its first bytes are there.
// It opens no connection of its own, ever. HTTP/1.1 and 1.0.
namespace reprise::net {

struct raw_server_config {
    std::string name = "mock";               // In the log and as metrics label.
    std::string address = "127.0.0.1";       // An address literal.
    std::uint16_t port = 0;                  // 0: any free one, see raw_server::port().
    std::size_t header_bytes_max = 64 * 1024;
    std::size_t body_bytes_max = 16 * 1024 * 1024;
    std::size_t bodies_bytes_max = 256 * 1024 * 1024;  // Of all bodies being read or answered; then 503.
    std::size_t sessions_max = 4096;                   // Connections beyond it are closed at once.
    std::chrono::milliseconds header{10'000};  // From the first byte to the end of the header; also the handshake.
    std::chrono::milliseconds body{30'000};
    std::chrono::milliseconds idle{60'000};    // Between two requests.
    std::chrono::milliseconds write{30'000};   // For each 256 KiB of an answer.
    std::chrono::milliseconds silence_max{120'000};
    bool kernel_stamps = true;  // Arrivals are stamped by the kernel. False: by the clock, when they are read.
    std::shared_ptr<certificate_authority> authority;  // Null: no TLS, and CONNECT is refused.
};

// listen() first, start() then; everything given by reference must outlive drain(). Sessions run on `pool`, each on a
// strand of its own. start(), stop() and port() are safe from any thread.
class raw_server {
public:
    raw_server(
        boost::asio::any_io_executor pool, raw_server_config config, raw_responder& responder, const clock& time,
        metrics& numbers
    );
    ~raw_server();
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;

    // Binds. errc::address_in_use or listen_failed.
    result<void> listen();
    std::uint16_t port() const noexcept;

    // Accepts until stop().
    void start();

    // No new connections, idle ones end at once, running requests get their answer. Idempotent.
    void stop();

    // True when nothing is left within `limit`. What is left after it is cut off.
    boost::asio::awaitable<bool> drain(std::chrono::milliseconds limit);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace reprise::net
