#pragma once

#include "reprise/ingest/door.hpp"
#include "reprise/ingest/senders.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace reprise::net {
class router;
}

namespace reprise::ingest {

// Bodies up to this many bytes are decoded where they were read; larger ones on `cpu_pool`.
constexpr std::size_t inline_body_bytes_max = 64 * 1024;

// Adds OTLP over HTTP to the router of the OTLP listener: POST /v1/logs, /v1/traces and /v1/metrics, protobuf
// or JSON by Content-Type. Every error carries a google.rpc.Status in the request's encoding (JSON when there
// is none). Sets the router's gate and its form of refusals, so that what the headers condemn is refused before
// the body is read; the router serves nothing else. Door and check must outlive it.
void add_otlp_routes(
    net::router& routes, door& entrance, const sender_check& senders, boost::asio::any_io_executor cpu_pool
);

}  // namespace reprise::ingest
