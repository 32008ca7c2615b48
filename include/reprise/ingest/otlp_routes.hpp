#pragma once

#include "reprise/ingest/door.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace reprise::net {
class router;
}

namespace reprise::ingest {

// Bodies up to this many bytes are decoded where they were read; larger ones on `cpu_pool`.
constexpr std::size_t inline_body_bytes_max = 64 * 1024;

// Adds OTLP over HTTP to `routes`: POST /v1/logs and /v1/traces, protobuf or JSON by Content-Type.
// Every error carries a google.rpc.Status in the request's encoding. /v1/metrics answers 404 and says
// that metrics are not taken. The door must outlive the router.
void add_otlp_routes(net::router& routes, door& entrance, boost::asio::any_io_executor cpu_pool);

}  // namespace reprise::ingest
