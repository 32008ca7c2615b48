#pragma once

#include "reprise/model/exchange.hpp"

#include <string>
#include <variant>
#include <vector>

namespace reprise::app {

// What stands in `reprise replay` and its kin for headers of the target's own: "Name: value", and "Name: FILE" for
// values that belong on no command line. Blocks on disk. The error is one line for a person. X-Replay and
// traceparent are refused: by them replayed traffic is told from live traffic.
std::variant<model::header_list, std::string> parse_headers(
    const std::vector<std::string>& headers, const std::vector<std::string>& header_files
);

}  // namespace reprise::app
