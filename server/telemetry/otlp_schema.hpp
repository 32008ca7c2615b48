#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace reprise::telemetry {

enum class json_form : std::uint8_t {
    text,
    base64,     // Bytes.
    trace_id,   // 16 bytes as hex, or empty.
    span_id,    // 8 bytes as hex, or empty.
    varint,     // Signed 64 bits as number or text; uint32, too.
    zigzag,     // Signed 32 bits.
    enumeration,  // A number only, never a name.
    fixed64,    // Unsigned 64 bits as number or text.
    sfixed64,   // Signed 64 bits.
    fixed32,
    boolean,
    real,
    message,
    list,       // Of messages.
    fixed64_list,   // Packed.
    varint_list,
    real_list,
};

struct json_message;

// One field of a message as JSON names it.
struct json_field {
    std::string_view name;
    std::uint32_t number = 0;
    json_form form = json_form::text;
    const json_message* inner = nullptr;  // Of message and list.
};

struct json_message {
    std::span<const json_field> fields;
};

extern const json_message export_logs_schema;
extern const json_message export_traces_schema;
extern const json_message export_metrics_schema;

}  // namespace reprise::telemetry
