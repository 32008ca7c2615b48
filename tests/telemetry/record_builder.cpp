#include "record_builder.hpp"

namespace reprise::telemetry {

any_value_message text_any(std::string_view text)
{
    any_value_message value;
    value.set_string_value(std::string(text));
    return value;
}

any_value_message int_any(std::int64_t number)
{
    any_value_message value;
    value.set_int_value(number);
    return value;
}

any_value_message real_any(double number)
{
    any_value_message value;
    value.set_double_value(number);
    return value;
}

any_value_message kvlist_any(std::initializer_list<std::pair<std::string_view, any_value_message>> pairs)
{
    any_value_message value;
    value.mutable_kvlist_value();
    for (const auto& [key, inner] : pairs)
        set_key(*value.mutable_kvlist_value(), key, inner);
    return value;
}

any_value_message array_any(std::initializer_list<any_value_message> values)
{
    any_value_message array;
    array.mutable_array_value();
    for (const any_value_message& value : values)
        *array.mutable_array_value()->add_values() = value;
    return array;
}

any_value_message& key_of(kvlist_message& list, std::string_view key)
{
    for (auto& pair : *list.mutable_values()) {
        if (pair.key() == key)
            return *pair.mutable_value();
    }
    auto* pair = list.add_values();
    pair->set_key(std::string(key));
    return *pair->mutable_value();
}

void set_key(kvlist_message& list, std::string_view key, const any_value_message& value)
{
    key_of(list, key) = value;
}

kvlist_message& body_of(log_record& record)
{
    return *record.mutable_body()->mutable_kvlist_value();
}

log_record http_record()
{
    log_record record;
    auto* service = record.add_attributes();
    service->set_key("service");
    *service->mutable_value() = text_any("shop");
    kvlist_message& body = body_of(record);
    set_key(body, "msgType", text_any("rrpair"));
    set_key(body, "ts", text_any(noon_text));
    set_key(body, "l7protocol", text_any("http"));
    set_key(body, "duration", real_any(12.5));
    set_key(body, "direction", text_any("IN"));
    set_key(body, "status", text_any("OK"));
    const auto request = kvlist_any({
        {"method", text_any("GET")},
        {"url", text_any("/orders/17?verbose=1")},
        {"headers", kvlist_any({{"Host", text_any("shop.local")}})},
    });
    const auto response = kvlist_any({{"statusCode", int_any(200)}, {"body", text_any("{}")}});
    set_key(body, "http", kvlist_any({{"request", request}, {"response", response}}));
    return record;
}

log_record sql_record(std::string_view statement)
{
    log_record record;
    kvlist_message& body = body_of(record);
    set_key(body, "ts", text_any(noon_text));
    set_key(body, "l7protocol", text_any("postgres"));
    set_key(body, "duration", int_any(2));
    set_key(body, "direction", text_any("OUT"));
    set_key(body, "command", text_any("Query"));
    set_key(body, "location", text_any(statement));
    set_key(body, "status", text_any("OK"));
    return record;
}

std::string id_bytes(std::size_t size, unsigned char last)
{
    std::string id(size, '\0');
    id.back() = static_cast<char>(last);
    return id;
}

span_record plain_span(span_record::SpanKind kind, std::string_view name)
{
    span_record span;
    span.set_trace_id(id_bytes(16, 1));
    span.set_span_id(id_bytes(8, 2));
    span.set_kind(kind);
    span.set_name(std::string(name));
    span.set_start_time_unix_nano(static_cast<std::uint64_t>(noon_ns));
    span.set_end_time_unix_nano(static_cast<std::uint64_t>(noon_ns) + 12'500'000);
    return span;
}

span_record server_span()
{
    span_record span = plain_span(span_record::SPAN_KIND_SERVER, "GET /orders/{id}");
    set_attribute(span, "http.request.method", text_any("GET"));
    set_attribute(span, "url.path", text_any("/orders/17"));
    set_attribute(span, "http.response.status_code", int_any(200));
    return span;
}

void set_attribute(span_record& span, std::string_view key, const any_value_message& value)
{
    for (auto& pair : *span.mutable_attributes()) {
        if (pair.key() == key) {
            *pair.mutable_value() = value;
            return;
        }
    }
    auto* pair = span.add_attributes();
    pair->set_key(std::string(key));
    *pair->mutable_value() = value;
}

namespace {

template <class Resource>
void name_service(Resource& entry, std::string_view service)
{
    if (service.empty())
        return;
    auto* attribute = entry.mutable_resource()->add_attributes();
    attribute->set_key("service.name");
    *attribute->mutable_value() = text_any(service);
}

}  // namespace

logs_request request_of(std::initializer_list<log_record> records, std::string_view service)
{
    logs_request request;
    auto* entry = request.add_resource_logs();
    name_service(*entry, service);
    auto* scope = entry->add_scope_logs();
    for (const log_record& record : records)
        *scope->add_log_records() = record;
    return request;
}

traces_request request_of(std::initializer_list<span_record> spans, std::string_view service)
{
    traces_request request;
    auto* entry = request.add_resource_spans();
    name_service(*entry, service);
    auto* scope = entry->add_scope_spans();
    for (const span_record& span : spans)
        *scope->add_spans() = span;
    return request;
}

}  // namespace reprise::telemetry
