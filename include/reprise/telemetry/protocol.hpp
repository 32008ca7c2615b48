#pragma once

#include "reprise/model/observation.hpp"

#include <cstddef>
#include <string_view>

namespace reprise::telemetry {

// What people call a protocol as operations name it: "HTTP", "SQL", "gRPC", "Redis", "Kafka", ...
// "internal" for none. Empty when nothing is known about it: such records are kept and counted as they
// are. Pure, any thread.
std::string_view protocol_family(std::string_view protocol) noexcept;

// Observations of a batch whose protocol has no family. Cheap when there is none.
std::size_t count_unknown_protocol(const model::observation_batch& batch);

}  // namespace reprise::telemetry
