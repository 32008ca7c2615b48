#pragma once

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

// Requests as a foreign client builds them: with the generated types.
namespace reprise::telemetry {

namespace otlp = opentelemetry::proto;
using logs_request = otlp::collector::logs::v1::ExportLogsServiceRequest;
using traces_request = otlp::collector::trace::v1::ExportTraceServiceRequest;
using log_record = otlp::logs::v1::LogRecord;
using span_record = otlp::trace::v1::Span;
using any_value_message = otlp::common::v1::AnyValue;
using kvlist_message = otlp::common::v1::KeyValueList;

constexpr std::int64_t noon_ns = 1'763'726'400'000'000'000;  // 2025-11-21T12:00:00Z
constexpr std::string_view noon_text = "2025-11-21T12:00:00Z";

any_value_message text_any(std::string_view text);
any_value_message int_any(std::int64_t number);
any_value_message real_any(double number);
any_value_message kvlist_any(std::initializer_list<std::pair<std::string_view, any_value_message>> pairs);
any_value_message array_any(std::initializer_list<any_value_message> values);

void set_key(kvlist_message& list, std::string_view key, const any_value_message& value);
// The value under `key`, made when missing.
any_value_message& key_of(kvlist_message& list, std::string_view key);

// An inbound GET /orders/17 with status 200 and 12.5 ms, ts at noon; service attribute "shop".
log_record http_record();
// An outbound SELECT of 2 ms.
log_record sql_record(std::string_view statement);
kvlist_message& body_of(log_record& record);

// A server span of GET /orders/{id} with ids 1 and 2, 12.5 ms from noon.
span_record server_span();
span_record plain_span(span_record::SpanKind kind, std::string_view name);
void set_attribute(span_record& span, std::string_view key, const any_value_message& value);

std::string id_bytes(std::size_t size, unsigned char last);

// One resource with service.name; `service` empty: none.
logs_request request_of(std::initializer_list<log_record> records, std::string_view service = "from-resource");
traces_request request_of(std::initializer_list<span_record> spans, std::string_view service = "shop");

}  // namespace reprise::telemetry
