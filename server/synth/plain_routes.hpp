#pragma once

#include "reprise/base/metrics.hpp"
#include "reprise/net/router.hpp"

namespace reprise::synth {

// What both services answer: /health, and their counters at /metrics. `numbers` outlives the server.
void add_plain_routes(net::router& routes, const metrics& numbers);

}  // namespace reprise::synth
