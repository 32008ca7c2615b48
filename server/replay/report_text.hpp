#pragma once

#include "reprise/replay/report.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::replay {

// For HTML and XML, in text and in quoted attributes. Control characters become '?'.
std::string escape_markup(std::string_view text);

// As every report and measurement shows it.
boost::json::object latency_object(const latency_summary& value);

std::string decimal(double value, int digits);
// "912", "12.3", "1.05": three digits or more.
std::string milliseconds(std::int64_t ns);

}  // namespace reprise::replay
