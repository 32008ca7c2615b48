#pragma once

#include "../../server/telemetry/log_record.hpp"
#include "../../server/telemetry/span_record.hpp"
#include "../telemetry/record_builder.hpp"

#include <string_view>

// What the wire readers of server/telemetry say, read a second time from generated types. The fields
// point into the messages.
namespace reprise::fuzz {

telemetry::log_fields read_fields(const telemetry::log_record& record);
telemetry::span_fields read_fields(const telemetry::span_record& span);

// The last "service.name" of a resource; empty when it is no text.
std::string_view service_name(const telemetry::otlp::resource::v1::Resource& resource);

// Whether a reader of the generated types must join messages that occur twice, which no sender writes
// and our reader does not do: it takes the last.
bool has_repeated_message(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace reprise::fuzz
