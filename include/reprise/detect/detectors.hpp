#pragma once

#include "reprise/detect/baseline.hpp"
#include "reprise/detect/limits.hpp"
#include "reprise/detect/window.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace reprise::detect {

// `signals` are complete but for id, fingerprint, message, evidence and incident, in a fixed order (operation of
// the window, kind). `findings` has one entry per operation of the window, in its order, for update().
struct detection {
    std::vector<model::signal> signals;
    std::vector<operation_finding> findings;
    std::uint32_t cut = 0;  // Signals beyond limits.signals_max.
};

// Looks at one closed window of one service. Pure: no clock, no state but the arguments; the same input gives
// the same bits. baselines[i] belongs to window.operations[i]; nullptr stands for "never seen".
//
//   error_rate        server, client, db: beta-binomial tail over the newest 1..pool_windows windows, then the
//                     effect gate; while learning only 5xx >= 50 % of >= 10.
//   latency           server, client: more answers above the normal p50 or p90 than chance allows, and p50 or p90
//                     >= 1.3 x normal. Client calls only in services without inbound requests: elsewhere the
//                     requests that wait for them tell.
//   slow_query        db: the same; while learning by the clock alone (300, 500, 1000 ms).
//   n_plus_one        db, client: one call template repeated with different arguments under one inbound request;
//                     client calls that overlap are a fan-out and left to rate_limit_burst.
//   rate_limit_burst  client: 429 by the same test as errors, with how densely the calls arrived. An error_rate
//                     that is nothing but 429 is not reported beside it.
//
// What limits.kinds_off names is looked for, and kept out of what is normal, but not among the signals.
//
// Severity, by effect and by reach (the affected share of the service's traffic of that kind in the window):
//                     critical                  high                      medium               low
//   errors, 429       >= 50 % of the operation  >= 10 % of the operation  >= 5 % of either     else
//                     and >= 25 % of the        and >= 1 % of the
//                     service, >= 20 failing    service, >= 10 failing
//   latency           >= 10 x, >= 1 s and       >= 3 x, >= 100 ms and     >= 2 x, or           else
//                     >= 25 % of the service    >= 5 % of the service     >= 100 ms more
//   slow_query        -                         >= 1000 ms                >= 500 ms            else
//   n_plus_one        -                         >= 100 calls or >= 1 s    >= 20 calls or       else
//                                               per request, >= 3 traces  >= 200 ms
detection detect(
    const service_window& window, std::span<const baseline* const> baselines, const detection_limits& limits
);

}  // namespace reprise::detect
