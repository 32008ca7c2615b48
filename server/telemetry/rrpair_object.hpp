#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/exchange.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// An exchange as the JSON object of an RRPair, and back. All written forms are made from it.
boost::json::object rrpair_object(const model::exchange& exchange);
result<model::exchange> parse_rrpair_object(const boost::json::object& pair, std::string_view service);

// Bodies that stand in the pair as JSON instead of as text: their bytes in `text`, which the pair was parsed from.
// Written again, 1.10 would be 1.1E0 and longer integers would lose digits.
void keep_body_text(std::string_view text, boost::json::object& pair);

// "status" of the pair: OK, the error's text, or the code where the protocol has one.
std::string rrpair_status(const model::exchange& exchange);

// RFC 3339 with all nine digits of the fraction.
std::string exact_time_text(std::int64_t time_ns);

// Absolute when the host is known.
std::string request_url(const model::exchange& exchange);

// Repeated names become one entry with an array.
boost::json::object header_object(const model::header_list& headers);

}  // namespace reprise::telemetry
