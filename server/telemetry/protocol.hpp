#pragma once

#include <cstdint>
#include <string_view>

namespace reprise::telemetry {

// How the fields of a captured exchange are read.
enum class protocol_form : std::uint8_t { http, sql, grpc, key_value, document, messaging, unknown };

struct protocol_entry {
    std::string_view name;       // As recorders write it, lower case.
    std::string_view canonical;  // As operations carry it, after the OpenTelemetry conventions.
    std::string_view family;     // For people.
    protocol_form form = protocol_form::unknown;
};

// By name without case. An unknown one has the name itself and no family.
protocol_entry find_protocol(std::string_view name) noexcept;

}  // namespace reprise::telemetry
