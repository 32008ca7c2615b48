#pragma once

#include "agent.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/net/router.hpp"

namespace reprise::synth {

// /run and /stream of `one`, beside what every service answers. Both references outlive the server.
void add_agent_routes(net::router& routes, agent& one, const metrics& numbers);

}  // namespace reprise::synth
