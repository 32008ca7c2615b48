#pragma once

#include "reprise/pipeline/alarms.hpp"
#include "reprise/store/alarms.hpp"
#include "reprise/store/incident_likeness.hpp"

#include <boost/json/object.hpp>

// Alarms and what became of them, as web/src/api/types.ts names them. Pure.
namespace reprise::http {

boost::json::object render_alarm(const store::stored_alarm& row);
boost::json::object render_held_event(const store::held_event& event);
boost::json::object render_dismissal(const store::event_dismissal& dismissal);
boost::json::object render_hint(const store::incident_hint& hint);
boost::json::object render_outcome(const pipeline::alarm_outcome& outcome);

}  // namespace reprise::http
