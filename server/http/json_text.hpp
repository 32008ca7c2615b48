#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::http {

// Bytes that are no UTF-8 become U+FFFD, one per broken sequence. Captured text may hold anything; an
// answer or a WebSocket message may not.
std::string clean_utf8(std::string text);

// The text of an answer: serialised and clean.
std::string json_text(const boost::json::value& value);

// JSON has no infinities and no NaN: those become 0.
double finite(double value) noexcept;

// RFC 3339 as a JSON value.
boost::json::value time_value(std::int64_t time_ns);

double to_ms(std::int64_t duration_ns) noexcept;

}  // namespace reprise::http
