#pragma once

#include "inputs.hpp"

#include "reprise/model/alarm.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

namespace reprise::http {

// One error event as POST /events takes it: error_type, title, description, service, source, log_group, metadata,
// route, status_code, severity, frames, resource, link, key, occurred_at. Everything may be left out but one of
// title, description and error_type.
checked<model::alarm> read_event(const boost::json::object& body, std::int64_t now_ns);

}  // namespace reprise::http
