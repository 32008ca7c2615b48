#pragma once

#include "reprise/base/clock.hpp"
#include "reprise/base/metrics.hpp"
#include "reprise/net/certificate_authority.hpp"
#include "reprise/net/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// A server that stands in for others: it takes any method for any host, as origin or as forward proxy, plain or
// under TLS (told by the first byte; also inside CONNECT), and stamps each request when its first bytes are there.
// It opens no connection of its own, ever. HTTP/1.1 and 1.0.
namespace reprise::net {

struct raw_header {
    std::string_view name;
    std::string_view value;
};

// Both clocks at one moment.
struct moment_stamp {
    std::int64_t wall_ns = 0;
    std::int64_t steady_ns = 0;
};

// One request as it came. All text lives as long as the call it is given to.
struct raw_request {
    std::string_view method;     // As sent, any token.
    std::string_view target;     // Path and query, begins with '/'; or "*".
    std::string_view authority;  // Where it wants to go: of the target if it names one, else Host. May be empty (1.0).
    std::span<const raw_header> headers;
    std::string_view body;       // Of a refused or cut request: what was read of it.
    bool secure = false;         // Came under TLS, or with an https URL.
    bool proxied = false;        // Came as to a proxy: with a whole URL or through CONNECT.
    moment_stamp arrived;        // When its first bytes were there.
    std::uint64_t connection = 0;

    // Empty when absent.
    std::string_view header(std::string_view name) const noexcept;
};

enum class raw_fault : std::uint8_t {
    none,
    reset,     // The connection is reset instead of an answer.
    truncate,  // Only body_bytes_max bytes of the body are sent, then the connection ends.
    silence,   // Nothing is sent until the peer gives up, or silence_max.
};

struct raw_answer {
    int status = 200;
    // The whole answer from the status line on, with Content-Length and without Connection. Points to what outlives
    // the server, or to `own`.
    std::string_view wire;
    std::size_t head_bytes = 0;      // How much of `wire` is head; HEAD gets no more.
    std::string own;                 // Its memory is kept for the next answer.
    std::chrono::nanoseconds delay{0};  // From the arrival on.
    raw_fault fault = raw_fault::none;
    std::size_t body_bytes_max = 0;  // For truncate.
    std::uint64_t tag = 0;           // The responder's own.

    void clear() noexcept;
};

enum class raw_end : std::uint8_t {
    answered,  // The last byte of the answer was handed over, or the fault done.
    refused,   // Malformed, too large or too slow; the server itself answered with raw_finish::status.
    cut,       // The peer left, or the server stopped, before the end of request or answer.
};

struct raw_finish {
    raw_end end = raw_end::answered;
    int status = 0;                 // What was sent; 0 for nothing.
    std::int64_t steady_ns = 0;     // When.
    std::uint64_t bytes_sent = 0;
};

// What the server asks. Called on the strands of its sessions, so from several threads at once; must not block.
class raw_responder {
public:
    virtual ~raw_responder() = default;
    // A complete request. `answer` is cleared.
    virtual void respond(const raw_request& request, raw_answer& answer) = 0;
    // Once for everything that began to arrive as a request (CONNECT is none), when it is over. `answer` is the one
    // of respond(), cleared when that was not asked.
    virtual void finish(const raw_request& request, const raw_answer& answer, const raw_finish& how) noexcept = 0;
};

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
