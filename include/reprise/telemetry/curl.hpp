#pragma once

#include "reprise/model/exchange.hpp"

#include <string>
#include <string_view>

namespace reprise::telemetry {

// One curl command that sends the exchange's request to `base_url` ("http://127.0.0.1:3000"). Every
// argument is quoted for a POSIX shell, whatever bytes it holds; headers that curl must compute itself
// (host, content-length, connection, transfer-encoding) and headers with line ends are left out. A
// body with NUL bytes goes through printf. Empty for an exchange that is not HTTP. Pure, any thread.
std::string to_curl(const model::exchange& exchange, std::string_view base_url);

}  // namespace reprise::telemetry
