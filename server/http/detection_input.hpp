#pragma once

#include "inputs.hpp"

#include "reprise/detect/limits.hpp"
#include "reprise/model/detection.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string_view>

// What is set for the detection of a service, as it is written.
namespace reprise::http {

// The member `settings` of a body: an object of what is set. Unknown fields and wrong types are 400, numbers out of
// range 422.
checked<model::detection_settings> read_detection_settings(const boost::json::object& body);

// Only what is set.
boost::json::object render_detection_settings(const model::detection_settings& settings);
// Every field, as it is where nothing is set.
boost::json::object render_inherited_detection(const detect::detection_limits& own);
// {"<field>": {"min", "max", "whole"}} of every number.
boost::json::object render_detection_ranges();
boost::json::array render_signal_kinds();

// The kind a body names in `name`; nothing when absent.
checked<std::optional<model::signal_kind>> read_signal_kind(const boost::json::object& body, std::string_view name);

}  // namespace reprise::http
