#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/model/signal.hpp"

#include <boost/json/object.hpp>

// The JSON shapes of the API (web/src/api/types.ts) for values that also stand in evidence bundles and
// in the output of commands: written once, here.
namespace reprise::model {

boost::json::object to_json(const operation_view& operation);
boost::json::object to_json(const signal& value);

// 16 hex digits.
std::string operation_id_text(std::uint64_t id);

}  // namespace reprise::model
