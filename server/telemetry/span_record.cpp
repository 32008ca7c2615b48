#include "span_record.hpp"

#include "number_text.hpp"

#include "reprise/telemetry/otlp_decode.hpp"

#include <limits>

namespace reprise::telemetry {
namespace {

constexpr std::uint64_t status_error = 2;

// A string attribute that several names may carry: `into` is filled when `key` is `name`.
struct attribute {
    std::string_view key;
    std::string_view value;
    wire_fault& fault;

    template <std::size_t Size>
    [[gnu::always_inline]] bool text(const char (&name)[Size], std::string_view& into) const noexcept
    {
        if (!is_key(key, name))
            return false;
        into = read_any_value(value, fault).text();
        return true;
    }
    template <std::size_t Size>
    [[gnu::always_inline]] bool any(const char (&name)[Size], any_value& into) const noexcept
    {
        if (!is_key(key, name))
            return false;
        into = read_any_value(value, fault);
        return true;
    }
};

// http.* and url.*
void read_http_key(const attribute& one, span_fields& fields) noexcept
{
    switch (one.key.size()) {
    case 8:
        one.text("url.path", fields.url_path) || one.text("url.full", fields.url) || one.text("http.url", fields.url);
        break;
    case 9: one.text("url.query", fields.url_query); break;
    case 10: one.text("http.route", fields.http_route); break;
    case 11: one.text("http.method", fields.http_method) || one.text("http.target", fields.url); break;
    case 12: one.text("url.template", fields.http_route); break;
    case 16: one.any("http.status_code", fields.http_status); break;
    case 19: one.text("http.request.method", fields.http_method); break;
    case 25: one.any("http.response.status_code", fields.http_status); break;
    case 28: fields.replayed = fields.replayed || is_key(one.key, "http.request.header.x-replay"); break;
    default: break;
    }
}

void read_db_key(const attribute& one, span_fields& fields) noexcept
{
    switch (one.key.size()) {
    case 9: one.text("db.system", fields.db_system); break;
    case 12: one.text("db.statement", fields.db_statement) || one.text("db.operation", fields.db_operation); break;
    case 13: one.text("db.query.text", fields.db_statement); break;
    case 14: one.text("db.system.name", fields.db_system); break;
    case 17: one.text("db.operation.name", fields.db_operation); break;
    default: break;
    }
}

void read_rpc_key(const attribute& one, span_fields& fields) noexcept
{
    switch (one.key.size()) {
    case 10: one.text("rpc.system", fields.rpc_system) || one.text("rpc.method", fields.rpc_method); break;
    case 11: one.text("rpc.service", fields.rpc_service); break;
    case 15: one.text("rpc.system.name", fields.rpc_system); break;
    case 20: one.any("rpc.grpc.status_code", fields.rpc_status); break;
    case 24: one.any("rpc.response.status_code", fields.rpc_status); break;
    default: break;
    }
}

void read_messaging_key(const attribute& one, span_fields& fields) noexcept
{
    switch (one.key.size()) {
    case 16: one.text("messaging.system", fields.messaging_system); break;
    case 19: one.text("messaging.operation", fields.messaging_operation); break;
    case 21: one.text("messaging.destination", fields.messaging_destination); break;
    case 24: one.text("messaging.operation.name", fields.messaging_operation); break;
    case 26: one.text("messaging.destination.name", fields.messaging_destination); break;
    default: break;
    }
}

void read_attribute(std::string_view message, span_fields& fields, wire_fault& fault) noexcept
{
    const key_value pair = read_key_value(message, fault);
    if (pair.key.size() < 8)
        return;
    const attribute one{pair.key, pair.value, fault};
    switch (pair.key[0]) {
    case 'h':
    case 'u': read_http_key(one, fields); break;
    case 'd': read_db_key(one, fields); break;
    case 'r': read_rpc_key(one, fields); break;
    case 'm': read_messaging_key(one, fields); break;
    case 's': one.text("server.address", fields.host); break;
    case 'n': one.text("net.peer.name", fields.host); break;
    default: break;
    }
}

void read_status(std::string_view message, span_fields& fields, wire_fault& fault) noexcept
{
    wire_cursor cursor(message, fault);
    for (wire_field field; cursor.next(field);) {
        if (field.tag == bytes_tag(2))
            fields.status_message = field.bytes;
        else if (field.tag == varint_tag(3))
            fields.status_code = field.number;
    }
}

std::uint64_t number_of(const any_value& value) noexcept
{
    if (value.kind == value_kind::integer)
        return value.number;
    if (value.kind == value_kind::real)
        return value.real() >= 0 && value.real() < 1000 ? static_cast<std::uint64_t>(value.real()) : 0;
    return find_number<std::uint64_t>(value.text()).value_or(0);
}

model::outcome outcome_of_status(const span_fields& fields) noexcept
{
    return fields.status_code == status_error ? model::outcome::server_error : model::outcome::ok;
}

void interpret_http(const span_fields& fields, call_view& call) noexcept
{
    call.form = target_form::path;
    call.protocol = "http";
    call.method = fields.http_method;
    call.detail = !fields.url.empty() ? path_and_query(fields.url) : fields.url_path;
    call.query = fields.url.empty() ? fields.url_query : std::string_view();
    call.target = fields.url_path.empty() ? without_query(call.detail) : fields.url_path;
    if (!fields.http_route.empty())
        call.target = fields.http_route;

    const std::uint64_t status = number_of(fields.http_status);
    call.status = status <= 999 ? static_cast<std::uint16_t>(status) : std::uint16_t{0};
    call.outcome = call.status == 0 ? outcome_of_status(fields) : outcome_of_http(call.status);
    if (call.outcome == model::outcome::ok)
        call.outcome = outcome_of_status(fields);
}

void interpret_db(const span_fields& fields, call_view& call) noexcept
{
    const bool is_sql = is_sql_system(fields.db_system);
    call.kind = model::operation_kind::db;
    call.protocol = is_sql ? std::string_view("sql") : fields.db_system;
    call.method = fields.db_operation;
    call.detail = fields.db_statement;
    const bool has_statement = is_sql && !fields.db_statement.empty();
    call.form = has_statement ? target_form::sql : target_form::name;
    call.target = has_statement ? fields.db_statement : fields.name;
    call.outcome = outcome_of_status(fields);
}

void interpret_rpc(const span_fields& fields, call_view& call) noexcept
{
    call.form = target_form::name;
    call.protocol = fields.rpc_system;
    call.method = last_segment(fields.rpc_method);
    // The span's name is "package.Service/Method" by convention, whichever attributes came along.
    call.target = fields.name;
    call.outcome = outcome_of_status(fields);
    if (fields.rpc_status.kind == value_kind::none)
        return;
    const auto code = fields.rpc_status.kind == value_kind::text ? find_grpc_code(fields.rpc_status.text())
                                                                 : number_of(fields.rpc_status);
    if (code) {
        call.status = static_cast<std::uint16_t>(*code & 0xffff);
        call.outcome = outcome_of_grpc(*code);
    }
}

void interpret_messaging(const span_fields& fields, call_view& call) noexcept
{
    call.kind = model::operation_kind::messaging;
    call.form = target_form::name;
    call.protocol = fields.messaging_system.empty() ? std::string_view("messaging") : fields.messaging_system;
    call.method = !fields.messaging_operation.empty() ? fields.messaging_operation
                  : fields.kind == span_kind_producer           ? std::string_view("publish")
                                                      : std::string_view("process");
    call.target = fields.messaging_destination.empty() ? fields.name : fields.messaging_destination;
    call.outcome = outcome_of_status(fields);
}

void interpret_call(const span_fields& fields, call_view& call) noexcept
{
    const bool outward = fields.kind == span_kind_server || fields.kind == span_kind_client;
    call.kind = fields.kind == span_kind_server   ? model::operation_kind::server
                : fields.kind == span_kind_client ? model::operation_kind::client
                                        : model::operation_kind::internal;
    if (!fields.db_system.empty() && fields.kind != span_kind_server)
        return interpret_db(fields, call);
    if (!fields.rpc_system.empty() && outward)
        return interpret_rpc(fields, call);
    if (fields.kind == span_kind_producer || fields.kind == span_kind_consumer)
        return interpret_messaging(fields, call);
    // Internal spans of middleware carry http.route, too, but are no calls of their own.
    if (!fields.http_method.empty() && outward)
        return interpret_http(fields, call);
    call.target = fields.name;
    call.outcome = outcome_of_status(fields);
}

}  // namespace

void read_span(std::string_view span, span_fields& fields, wire_fault& fault) noexcept
{
    wire_cursor cursor(span, fault);
    for (wire_field field; cursor.next(field);) {
        switch (field.tag) {
        case bytes_tag(1): fields.trace = read_trace_id(field.bytes, fault); break;
        case bytes_tag(2): fields.span = read_span_id(field.bytes, fault); break;
        case bytes_tag(4): fields.parent = read_span_id(field.bytes, fault); break;
        case bytes_tag(5): fields.name = field.bytes; break;
        case varint_tag(6): fields.kind = field.number; break;
        case fixed64_tag(7): fields.start_ns = field.number; break;
        case fixed64_tag(8): fields.end_ns = field.number; break;
        case bytes_tag(9): read_attribute(field.bytes, fields, fault); break;
        case bytes_tag(15): read_status(field.bytes, fields, fault); break;
        default: break;
        }
    }
}

std::optional<errc> interpret(const span_fields& fields, std::string_view service, call_view& call) noexcept
{
    constexpr auto time_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!fields.trace || fields.span == 0)
        return errc::no_ids;
    if (fields.start_ns == 0)
        return errc::no_timestamp;
    if (fields.end_ns == 0)
        return errc::not_ended;
    if (fields.start_ns > time_max || fields.end_ns > time_max)
        return errc::bad_timestamp;

    call.source = model::source::span;
    call.replayed = fields.replayed;
    call.service = service.empty() ? unknown_service : service;
    if (call.service.size() > service_bytes_max)
        return errc::service_too_long;
    call.start_ns = static_cast<std::int64_t>(fields.start_ns);
    // A clock that was set back while the call ran must not make a negative duration.
    call.duration_ns = fields.end_ns > fields.start_ns ? static_cast<std::int64_t>(fields.end_ns - fields.start_ns) : 0;
    call.trace = fields.trace;
    call.span = fields.span;
    call.parent_span = fields.parent;
    interpret_call(fields, call);
    return std::nullopt;
}

}  // namespace reprise::telemetry
