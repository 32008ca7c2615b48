#pragma once

#include "reprise/net/error.hpp"
#include "reprise/net/message.hpp"
#include "reprise/net/tls.hpp"
#include "reprise/net/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace reprise::net {

struct client_limits {
    std::chrono::milliseconds resolve{5'000};
    std::chrono::milliseconds connect{5'000};
    std::chrono::milliseconds write{30'000};
    std::chrono::milliseconds answer{30'000};  // Until the header of the answer is complete.
    std::chrono::milliseconds body{60'000};
    std::size_t header_bytes_max = 32 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;  // Of the answer; more is errc::body_too_large.
    std::size_t idle_connections_max = 128;    // Kept for the next request, all origins together.
    std::chrono::milliseconds idle{15'000};    // Older ones are closed instead of used again.
};

struct client_request {
    std::string method = "GET";
    net::url url;
    header_list headers;  // Host, Content-Length, Connection and Transfer-Encoding are ours and ignored.
    std::string body;
    bool fresh_connection = false;  // HTTP/1.1: a connection of its own, closed afterwards.

    client_request() = default;
    client_request(std::string method_, net::url url_) : method(std::move(method_)), url(std::move(url_)) {}
};

struct client_response {
    int status = 0;
    header_list headers;
    std::string body;
    std::string remote_address;         // What the name was pinned to.
    bool reused_connection = false;
    std::int64_t sent_after_ns = 0;     // From the call of send() to the request's last byte handed over.
    std::int64_t answered_after_ns = 0; // ... to the end of the answer's header.
    std::int64_t done_after_ns = 0;     // ... to the last byte of its body.
};

// HTTP/2 is spoken without asking first: by ALPN under TLS, by prior knowledge without (RFC 9113, 3.3).
enum class http_version { http1, http2 };

// How requests travel; the same for all of a client.
struct client_transport {
    http_version version = http_version::http1;
    std::shared_ptr<client_tls> tls;  // Null: https trusts whom the system trusts.
};

// Sends requests to allowed targets over HTTP/1.1 or HTTP/2, under TLS for https: no redirects, no proxies, no
// cookies. The name is resolved once, each address checked, and the connection made to the checked one.
// Answers are never interpreted beyond framing. send() may run many times at once from any strand; the
// client must outlive them. A kept connection that turns out dead is replaced before any byte of
// the request reached a living server, otherwise the error is reported: nothing is ever sent twice. With
// HTTP/2 all requests of an origin share one connection; what the server refused unseen is sent once more.
class http_client {
public:
    http_client(target_guard guard, client_limits limits, client_transport transport = {});
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    // Errors: net::errc; a method or header with control characters is errc::bad_message.
    boost::asio::awaitable<result<client_response>> send(client_request req);

    // Closes all kept connections.
    void close_idle();

private:
    class pool;
    struct attempt {
        attempt(const client_request& req_, client_tls* tls_, std::chrono::steady_clock::time_point begin_)
            : req(req_), tls(tls_), begin(begin_)
        {
        }

        const client_request& req;
        client_tls* tls;
        std::chrono::steady_clock::time_point begin;
    };

    boost::asio::awaitable<result<client_response>> send_http1(const attempt& one);
    boost::asio::awaitable<result<client_response>> send_http2(const attempt& one);

    target_guard guard_;
    client_limits limits_;
    client_transport transport_;
    std::unique_ptr<pool> pool_;
};

}  // namespace reprise::net
