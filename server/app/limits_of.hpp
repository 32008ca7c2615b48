#pragma once

#include "config.hpp"

#include "reprise/lifecycle/breaker.hpp"
#include "reprise/pipeline/shard.hpp"
#include "reprise/pipeline/trace_choice.hpp"
#include "reprise/pipeline/trace_stream.hpp"
#include "reprise/store/traces.hpp"

namespace reprise::app {

// The rooms' limits as the configuration sets them.
pipeline::stream_limits stream_limits_of(const config& from);
lifecycle::breaker_limits breaker_limits_of(const config& from);
pipeline::assembly_limits assembly_limits_of(const config& from);
pipeline::trace_keeping trace_keeping_of(const config& from);
store::trace_retention trace_retention_of(const config& from);

}  // namespace reprise::app
