#pragma once

#include "inputs.hpp"

#include <cstdint>
#include <string_view>

namespace reprise::http {

// The time a query names in RFC 3339; `fallback` when it is absent or empty.
checked<std::int64_t> read_query_time(const net::request& req, std::string_view name, std::int64_t fallback);

// "from" (at or after) and "to" (before) of a list; 0: any.
struct time_range {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
};

// Refused when one is no time, or `to` is not later than `from`.
checked<time_range> read_time_range(const net::request& req);

}  // namespace reprise::http
