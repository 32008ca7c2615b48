#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What a raw server is asked and answers: see raw_server.hpp. Plain values.
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
    // When: just before the last bytes were handed to the kernel, so that what the peer sends once it has them
    // arrives later. Where nothing was sent, when it was over.
    std::int64_t steady_ns = 0;
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

}  // namespace reprise::net
