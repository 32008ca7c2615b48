#pragma once

#include "wire_value.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// JSON from a stranger: nested at most json_depth_max deep. `offset` gets where the parser gave up.
boost::system::result<boost::json::value> parse_json(std::string_view text, std::size_t* offset = nullptr);

// Plain JSON as an AnyValue message: objects become kvlists, integers int_value, null an empty value.
std::string encode_any_value(const boost::json::value& value);

// The other way. Bytes become base64 text. Nested deeper than value_depth_max: null, and a fault.
boost::json::value decode_any_value(const any_value& value, wire_fault& fault);

}  // namespace reprise::telemetry
