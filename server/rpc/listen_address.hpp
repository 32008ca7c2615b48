#pragma once

#include "reprise/rpc/otlp_server.hpp"

#include <string_view>

namespace reprise::rpc {

// Whether one can listen on "host:port" right now, and if not, why. The host is an address literal or
// "localhost". Binds and closes at once: somebody may take the port in between.
result<void> check_listen_address(std::string_view listen);

}  // namespace reprise::rpc
