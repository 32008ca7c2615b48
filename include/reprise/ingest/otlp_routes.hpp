#pragma once

#include "reprise/ingest/door.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace reprise::net {
class router;
}

namespace reprise::ingest {

// Bodies up to this many bytes are decoded where they were read; larger ones on `cpu_pool`.
constexpr std::size_t inline_body_bytes_max = 64 * 1024;

// Adds OTLP over HTTP to the router of the OTLP listener: POST /v1/logs and /v1/traces, protobuf or
// JSON by Content-Type. Errors carry a google.rpc.Status in the request's encoding. /v1/metrics answers
// 404 and says that metrics are not taken. Sets the router's gate, so that what the headers condemn is
// refused before its body is read; the router serves nothing else. The door must outlive it.
void add_otlp_routes(net::router& routes, door& entrance, boost::asio::any_io_executor cpu_pool);

}  // namespace reprise::ingest
