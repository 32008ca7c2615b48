#pragma once

#include <string_view>

namespace reprise::telemetry {

// HAR wants absolute URLs: stands for a host nobody knows, and is read as none.
constexpr std::string_view har_no_host = "unknown.invalid";

}  // namespace reprise::telemetry
