#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::rpc {

enum class errc {
    address_malformed = 1,  // Not "host:port".
    address_in_use,         // Another program listens there.
    address_refused,        // Not an address of this machine, or the port needs more rights.
};

const boost::system::error_category& rpc_category() noexcept;
error_code make_error_code(errc code) noexcept;

// Where OTLP exports are sent.
constexpr std::string_view logs_export_path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
constexpr std::string_view trace_export_path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::string_view metrics_export_path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

// What to tell the caller.
struct call_answer {
    int code = 0;         // gRPC status code; 0 is OK.
    std::string message;  // For people; empty when OK.
    std::string body;     // OK: the serialised response. Else: the serialised google.rpc.Status, or empty.
};

// What arrived.
struct call_message {
    std::string_view path;  // One of the server's methods.
    std::string bytes;      // As they were sent: a compressed message arrives compressed.
    std::string peer;       // Address of the peer without its port: "127.0.0.1", "::1".
};

// To be called exactly once, on any thread; must not be kept beyond that.
using call_done = std::function<void(call_answer)>;

// Called once per message on one of the server's threads (as many as cores, at least 2). Must not block on
// disk or network; it may answer later. When it throws, it must not have answered and must not do so:
// the exception is logged and answered INTERNAL (std::bad_alloc: UNAVAILABLE).
using call_handler = std::function<void(call_message message, call_done done)>;

// Asked with the call's "authorization" metadata (empty: there was none) before a byte of the message is read.
// False: UNAUTHENTICATED. Called on the server's threads, many at once; must not block.
using call_check = std::function<bool(std::string_view authorization)>;

// PEM texts, checked by whoever read them. Empty `cert`: plain text.
struct grpc_server_tls {
    std::string cert;
    std::string key;
    std::string client_ca;  // Not empty: only clients with a certificate of these are served.
};

struct grpc_server_config {
    // What is served. Any other method is answered UNIMPLEMENTED before its message is read.
    std::vector<std::string> methods{
        std::string(logs_export_path), std::string(trace_export_path), std::string(metrics_export_path)};
    std::string metrics_prefix = "reprise_rpc";  // Each server of a process has its own.
    std::string listen = "127.0.0.1:4317";               // "host:port", "[::1]:port"; port 0 takes a free one.
    std::size_t message_bytes_max = 20 * 1024 * 1024;    // As sent. Larger: RESOURCE_EXHAUSTED.
    std::size_t transport_bytes_max = 256 * 1024 * 1024; // Of messages on their way in. Over it: as with calls_max.
    std::size_t calls_max = 256;                         // In progress at once. Over it: RESOURCE_EXHAUSTED, retry.
    int streams_per_connection_max = 128;
    std::size_t connections_max = 1024;                  // More are closed at once.
    std::chrono::seconds retry_after{1};                 // Told to callers over calls_max.
    std::chrono::milliseconds receive_timeout{30'000};   // For a whole message to arrive. Over it: CANCELLED.
    std::chrono::milliseconds greeting_timeout{10'000};  // From the connection to HTTP/2's first frame, TLS and all.
    std::chrono::milliseconds idle_close{600'000};       // A connection without calls is closed after this.
    grpc_server_tls tls;                                 // TLS 1.2 and newer.
    call_check admits;                                   // Empty: everybody may call.
    std::chrono::milliseconds connection_age_max{3'600'000};  // Asked to reconnect then; ends peers that never read.
};

// Unary calls over gRPC: receives serialised requests and hands them over unopened. Lives from
// start() to its destruction; start, stop and the destructor belong to one thread and block. The
// handler must stay callable until stop() has returned, which waits for every answer; the metrics must
// outlive the server.
class grpc_server {
public:
    // Listening and serving once this returns.
    static result<std::unique_ptr<grpc_server>> start(
        grpc_server_config config, call_handler handler, metrics& counts
    );

    virtual ~grpc_server() = default;  // Stops without grace if stop() was not called.

    virtual std::uint16_t port() const noexcept = 0;

    // Takes no new calls, lets those in progress end within `grace`, then cancels them (the caller
    // sees CANCELLED or UNAVAILABLE and comes back). Returns when every handler has answered. Idempotent.
    virtual void stop(std::chrono::milliseconds grace) = 0;

protected:
    grpc_server() = default;
    grpc_server(const grpc_server&) = delete;
    grpc_server& operator=(const grpc_server&) = delete;
};

}  // namespace reprise::rpc

template <>
struct boost::system::is_error_code_enum<reprise::rpc::errc> : std::true_type {};
