#include "otlp_schema.hpp"

namespace reprise::telemetry {
namespace {

using enum json_form;

extern const json_message any_value_schema;
extern const json_message key_value_schema;

constexpr json_field array_fields[] = {{"values", 1, list, &any_value_schema}};
constexpr json_message array_schema{array_fields};

constexpr json_field kvlist_fields[] = {{"values", 1, list, &key_value_schema}};
constexpr json_message kvlist_schema{kvlist_fields};

constexpr json_field any_value_fields[] = {
    {"stringValue", 1, text},
    {"boolValue", 2, boolean},
    {"intValue", 3, varint},
    {"doubleValue", 4, real},
    {"arrayValue", 5, message, &array_schema},
    {"kvlistValue", 6, message, &kvlist_schema},
    {"bytesValue", 7, base64},
};
const json_message any_value_schema{any_value_fields};

constexpr json_field key_value_fields[] = {{"key", 1, text}, {"value", 2, message, &any_value_schema}};
const json_message key_value_schema{key_value_fields};

constexpr json_field resource_fields[] = {
    {"attributes", 1, list, &key_value_schema},
    {"droppedAttributesCount", 2, varint},
};
constexpr json_message resource_schema{resource_fields};

constexpr json_field scope_fields[] = {
    {"name", 1, text},
    {"version", 2, text},
    {"attributes", 3, list, &key_value_schema},
    {"droppedAttributesCount", 4, varint},
};
constexpr json_message scope_schema{scope_fields};

constexpr json_field log_record_fields[] = {
    {"timeUnixNano", 1, fixed64},
    {"observedTimeUnixNano", 11, fixed64},
    {"severityNumber", 2, varint},
    {"severityText", 3, text},
    {"body", 5, message, &any_value_schema},
    {"attributes", 6, list, &key_value_schema},
    {"droppedAttributesCount", 7, varint},
    {"flags", 8, fixed32},
    {"traceId", 9, trace_id},
    {"spanId", 10, span_id},
    {"eventName", 12, text},
};
constexpr json_message log_record_schema{log_record_fields};

constexpr json_field scope_logs_fields[] = {
    {"scope", 1, message, &scope_schema},
    {"logRecords", 2, list, &log_record_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message scope_logs_schema{scope_logs_fields};

constexpr json_field resource_logs_fields[] = {
    {"resource", 1, message, &resource_schema},
    {"scopeLogs", 2, list, &scope_logs_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message resource_logs_schema{resource_logs_fields};

constexpr json_field event_fields[] = {
    {"timeUnixNano", 1, fixed64},
    {"name", 2, text},
    {"attributes", 3, list, &key_value_schema},
    {"droppedAttributesCount", 4, varint},
};
constexpr json_message event_schema{event_fields};

constexpr json_field link_fields[] = {
    {"traceId", 1, trace_id},
    {"spanId", 2, span_id},
    {"traceState", 3, text},
    {"attributes", 4, list, &key_value_schema},
    {"droppedAttributesCount", 5, varint},
    {"flags", 6, fixed32},
};
constexpr json_message link_schema{link_fields};

constexpr json_field status_fields[] = {{"message", 2, text}, {"code", 3, varint}};
constexpr json_message status_schema{status_fields};

constexpr json_field span_fields[] = {
    {"traceId", 1, trace_id},
    {"spanId", 2, span_id},
    {"traceState", 3, text},
    {"parentSpanId", 4, span_id},
    {"name", 5, text},
    {"kind", 6, varint},
    {"startTimeUnixNano", 7, fixed64},
    {"endTimeUnixNano", 8, fixed64},
    {"attributes", 9, list, &key_value_schema},
    {"droppedAttributesCount", 10, varint},
    {"events", 11, list, &event_schema},
    {"droppedEventsCount", 12, varint},
    {"links", 13, list, &link_schema},
    {"droppedLinksCount", 14, varint},
    {"status", 15, message, &status_schema},
    {"flags", 16, fixed32},
};
constexpr json_message span_schema{span_fields};

constexpr json_field scope_spans_fields[] = {
    {"scope", 1, message, &scope_schema},
    {"spans", 2, list, &span_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message scope_spans_schema{scope_spans_fields};

constexpr json_field resource_spans_fields[] = {
    {"resource", 1, message, &resource_schema},
    {"scopeSpans", 2, list, &scope_spans_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message resource_spans_schema{resource_spans_fields};

constexpr json_field export_logs_fields[] = {{"resourceLogs", 1, list, &resource_logs_schema}};
constexpr json_field export_traces_fields[] = {{"resourceSpans", 1, list, &resource_spans_schema}};

}  // namespace

constexpr json_message export_logs_schema{export_logs_fields};
constexpr json_message export_traces_schema{export_traces_fields};

}  // namespace reprise::telemetry
