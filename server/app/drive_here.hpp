#pragma once

#include "reprise/net/client.hpp"
#include "reprise/replay/drive.hpp"

namespace reprise::app {

// Runs the drive on this thread; a signal cancels it, and what was measured until then is told.
replay::drive_result drive_here(
    const replay::drive_plan& plan, net::http_client& http, const replay::target& to, replay::send_observer& observer
);

}  // namespace reprise::app
