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
    {"severityNumber", 2, enumeration},
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

constexpr json_field status_fields[] = {{"message", 2, text}, {"code", 3, enumeration}};
constexpr json_message status_schema{status_fields};

constexpr json_field span_fields[] = {
    {"traceId", 1, trace_id},
    {"spanId", 2, span_id},
    {"traceState", 3, text},
    {"parentSpanId", 4, span_id},
    {"name", 5, text},
    {"kind", 6, enumeration},
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

constexpr json_field exemplar_fields[] = {
    {"timeUnixNano", 2, fixed64},
    {"asDouble", 3, real},
    {"spanId", 4, span_id},
    {"traceId", 5, trace_id},
    {"asInt", 6, sfixed64},
    {"filteredAttributes", 7, list, &key_value_schema},
};
constexpr json_message exemplar_schema{exemplar_fields};

constexpr json_field number_point_fields[] = {
    {"startTimeUnixNano", 2, fixed64},
    {"timeUnixNano", 3, fixed64},
    {"asDouble", 4, real},
    {"exemplars", 5, list, &exemplar_schema},
    {"asInt", 6, sfixed64},
    {"attributes", 7, list, &key_value_schema},
    {"flags", 8, varint},
};
constexpr json_message number_point_schema{number_point_fields};

constexpr json_field histogram_point_fields[] = {
    {"startTimeUnixNano", 2, fixed64},
    {"timeUnixNano", 3, fixed64},
    {"count", 4, fixed64},
    {"sum", 5, real},
    {"bucketCounts", 6, fixed64_list},
    {"explicitBounds", 7, real_list},
    {"exemplars", 8, list, &exemplar_schema},
    {"attributes", 9, list, &key_value_schema},
    {"flags", 10, varint},
    {"min", 11, real},
    {"max", 12, real},
};
constexpr json_message histogram_point_schema{histogram_point_fields};

constexpr json_field scale_buckets_fields[] = {{"offset", 1, zigzag}, {"bucketCounts", 2, varint_list}};
constexpr json_message scale_buckets_schema{scale_buckets_fields};

constexpr json_field exponential_point_fields[] = {
    {"attributes", 1, list, &key_value_schema},
    {"startTimeUnixNano", 2, fixed64},
    {"timeUnixNano", 3, fixed64},
    {"count", 4, fixed64},
    {"sum", 5, real},
    {"scale", 6, zigzag},
    {"zeroCount", 7, fixed64},
    {"positive", 8, message, &scale_buckets_schema},
    {"negative", 9, message, &scale_buckets_schema},
    {"flags", 10, varint},
    {"exemplars", 11, list, &exemplar_schema},
    {"min", 12, real},
    {"max", 13, real},
    {"zeroThreshold", 14, real},
};
constexpr json_message exponential_point_schema{exponential_point_fields};

constexpr json_field quantile_fields[] = {{"quantile", 1, real}, {"value", 2, real}};
constexpr json_message quantile_schema{quantile_fields};

constexpr json_field summary_point_fields[] = {
    {"startTimeUnixNano", 2, fixed64},
    {"timeUnixNano", 3, fixed64},
    {"count", 4, fixed64},
    {"sum", 5, real},
    {"quantileValues", 6, list, &quantile_schema},
    {"attributes", 7, list, &key_value_schema},
    {"flags", 8, varint},
};
constexpr json_message summary_point_schema{summary_point_fields};

constexpr json_field gauge_fields[] = {{"dataPoints", 1, list, &number_point_schema}};
constexpr json_message gauge_schema{gauge_fields};

constexpr json_field sum_fields[] = {
    {"dataPoints", 1, list, &number_point_schema},
    {"aggregationTemporality", 2, enumeration},
    {"isMonotonic", 3, boolean},
};
constexpr json_message sum_schema{sum_fields};

constexpr json_field histogram_fields[] = {
    {"dataPoints", 1, list, &histogram_point_schema},
    {"aggregationTemporality", 2, enumeration},
};
constexpr json_message histogram_schema{histogram_fields};

constexpr json_field exponential_fields[] = {
    {"dataPoints", 1, list, &exponential_point_schema},
    {"aggregationTemporality", 2, enumeration},
};
constexpr json_message exponential_schema{exponential_fields};

constexpr json_field summary_fields[] = {{"dataPoints", 1, list, &summary_point_schema}};
constexpr json_message summary_schema{summary_fields};

constexpr json_field metric_fields[] = {
    {"name", 1, text},
    {"description", 2, text},
    {"unit", 3, text},
    {"gauge", 5, message, &gauge_schema},
    {"sum", 7, message, &sum_schema},
    {"histogram", 9, message, &histogram_schema},
    {"exponentialHistogram", 10, message, &exponential_schema},
    {"summary", 11, message, &summary_schema},
    {"metadata", 12, list, &key_value_schema},
};
constexpr json_message metric_schema{metric_fields};

constexpr json_field scope_metrics_fields[] = {
    {"scope", 1, message, &scope_schema},
    {"metrics", 2, list, &metric_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message scope_metrics_schema{scope_metrics_fields};

constexpr json_field resource_metrics_fields[] = {
    {"resource", 1, message, &resource_schema},
    {"scopeMetrics", 2, list, &scope_metrics_schema},
    {"schemaUrl", 3, text},
};
constexpr json_message resource_metrics_schema{resource_metrics_fields};

constexpr json_field export_metrics_fields[] = {{"resourceMetrics", 1, list, &resource_metrics_schema}};
constexpr json_field export_logs_fields[] = {{"resourceLogs", 1, list, &resource_logs_schema}};
constexpr json_field export_traces_fields[] = {{"resourceSpans", 1, list, &resource_spans_schema}};

}  // namespace

constexpr json_message export_logs_schema{export_logs_fields};
constexpr json_message export_traces_schema{export_traces_fields};
constexpr json_message export_metrics_schema{export_metrics_fields};

}  // namespace reprise::telemetry
