#pragma once

#include "reprise/base/error.hpp"

// What can go wrong between two sockets, as values. Foreign codes (Asio, Beast, URL) are translated
// here and never seen above.
namespace reprise::net {

enum class errc {
    closed = 1,         // The peer ended the connection.
    bad_message,        // What came is not HTTP or WebSocket as we accept it.
    header_too_large,   // Header section over its limit.
    body_too_large,     // Body or frame over its limit.
    bad_url,            // Not an absolute http URL in canonical form.
    scheme_refused,     // Neither http nor https.
    target_refused,     // Not on the allow-list of targets.
    address_refused,    // The name leads to an address that may not be reached.
    resolve_failed,     // The name has no address.
    connect_failed,     // Refused or unreachable.
    resolve_timed_out,  // No answer from the resolver in time.
    connect_timed_out,  // No connection in time.
    write_timed_out,    // The peer does not take our bytes.
    answer_timed_out,   // No first byte of an answer in time.
    read_timed_out,     // The answer or frame stopped half way.
    address_in_use,     // Somebody else listens there.
    listen_failed,      // The operating system refuses the listening address.
    tls_failed,         // No common protocol, or what came is no TLS.
    tls_untrusted,      // The certificate is of nobody we trust.
    tls_expired,        // The certificate is out of date, or not yet valid.
    tls_wrong_host,     // The certificate is another host's.
    stream_refused,     // HTTP/2: the server took the connection, but not this request. It was not looked at.
    stream_reset,       // HTTP/2: the server gave up this request.
};

const boost::system::error_category& net_category() noexcept;
error_code make_error_code(errc code) noexcept;

}  // namespace reprise::net

template <>
struct boost::system::is_error_code_enum<reprise::net::errc> : std::true_type {};
