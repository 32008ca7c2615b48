#pragma once

#include "config.hpp"

#include "reprise/lifecycle/breaker.hpp"
#include "reprise/pipeline/shard.hpp"

namespace reprise::app {

// The rooms' limits as the configuration sets them.
pipeline::stream_limits stream_limits_of(const config& from);
lifecycle::breaker_limits breaker_limits_of(const config& from);

}  // namespace reprise::app
