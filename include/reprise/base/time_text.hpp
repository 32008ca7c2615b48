#pragma once

#include "reprise/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise {

// RFC 3339 in UTC with milliseconds: 2026-11-21T03:59:35.123Z. Total: any int64 has a text.
std::string format_rfc3339(std::int64_t time_ns);

// Accepts any RFC 3339 date-time (fraction up to nanoseconds, offset or Z). Times outside
// 1678..2261 do not fit and are refused with errc::invalid_argument.
result<std::int64_t> parse_rfc3339(std::string_view text);

// "820 us", "12.4 ms", "3.2 s", "4 min 10 s": for sentences people read.
std::string format_duration(std::int64_t duration_ns);

}  // namespace reprise
