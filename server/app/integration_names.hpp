#pragma once

#include "reprise/http/api.hpp"

namespace reprise::forge {
class tracker_set;
}

namespace reprise::app {

class alarm_parts;
class hook_intake;

// Trackers, log stores and hook sources as they were built. After their build.
http::configured_integrations integrations_of(
    const forge::tracker_set& trackers, const alarm_parts& alarms, const hook_intake& hooks
);

}  // namespace reprise::app
