#pragma once

#include "reprise/telemetry/drift.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// Forms of values with a moment in them. Each returns nothing for a text that has another form.
namespace reprise::telemetry {

using found_look = std::optional<value_look>;

found_look find_uuid(std::string_view text);
found_look find_ulid(std::string_view text);
found_look find_ksuid(std::string_view text);
found_look find_xid(std::string_view text);
found_look find_object_id(std::string_view text);
found_look find_trace_id(std::string_view text);
found_look find_jwt(std::string_view text);
found_look find_written_time(std::string_view text);
// Epochs and snowflakes; the reading whose time is nearest to near_ns.
found_look find_digits(std::string_view text, std::int64_t near_ns);

}  // namespace reprise::telemetry
