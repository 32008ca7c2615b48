#include "metric_call.hpp"

#include "number_text.hpp"

#include <algorithm>
#include <array>

namespace reprise::telemetry {
namespace {

using model::operation_kind;

constexpr double second_ns = 1e9;
constexpr double millisecond_ns = 1e6;

constexpr std::array conventions = {
    metric_convention{"http.server.request.duration", metric_family::http, operation_kind::server, second_ns},
    metric_convention{"http.client.request.duration", metric_family::http, operation_kind::client, second_ns},
    metric_convention{"http.server.duration", metric_family::http, operation_kind::server, millisecond_ns},
    metric_convention{"http.client.duration", metric_family::http, operation_kind::client, millisecond_ns},
    metric_convention{"db.client.operation.duration", metric_family::db, operation_kind::db, second_ns},
    metric_convention{"rpc.server.call.duration", metric_family::rpc, operation_kind::server, second_ns},
    metric_convention{"rpc.client.call.duration", metric_family::rpc, operation_kind::client, second_ns},
    metric_convention{"rpc.server.duration", metric_family::rpc, operation_kind::server, millisecond_ns},
    metric_convention{"rpc.client.duration", metric_family::rpc, operation_kind::client, millisecond_ns},
    metric_convention{
        "messaging.client.operation.duration", metric_family::messaging, operation_kind::messaging, second_ns},
    metric_convention{"messaging.process.duration", metric_family::messaging, operation_kind::messaging, second_ns},
};

struct text_attribute {
    std::string_view key;
    std::string_view metric_attributes::*into;
};
struct any_attribute {
    std::string_view key;
    any_value metric_attributes::*into;
};

// A point says little and comes seldom: a plain list is fast enough.
constexpr std::array text_attributes = {
    text_attribute{"http.request.method", &metric_attributes::http_method},
    text_attribute{"http.method", &metric_attributes::http_method},
    text_attribute{"http.route", &metric_attributes::http_route},
    text_attribute{"url.template", &metric_attributes::http_route},
    text_attribute{"server.address", &metric_attributes::server_address},
    text_attribute{"net.peer.name", &metric_attributes::server_address},
    text_attribute{"error.type", &metric_attributes::error_type},
    text_attribute{"db.system.name", &metric_attributes::db_system},
    text_attribute{"db.system", &metric_attributes::db_system},
    text_attribute{"db.operation.name", &metric_attributes::db_operation},
    text_attribute{"db.operation", &metric_attributes::db_operation},
    text_attribute{"db.query.text", &metric_attributes::db_statement},
    text_attribute{"db.statement", &metric_attributes::db_statement},
    text_attribute{"db.query.summary", &metric_attributes::db_summary},
    text_attribute{"db.collection.name", &metric_attributes::db_collection},
    text_attribute{"db.sql.table", &metric_attributes::db_collection},
    text_attribute{"rpc.system.name", &metric_attributes::rpc_system},
    text_attribute{"rpc.system", &metric_attributes::rpc_system},
    text_attribute{"rpc.service", &metric_attributes::rpc_service},
    text_attribute{"rpc.method", &metric_attributes::rpc_method},
    text_attribute{"messaging.system", &metric_attributes::messaging_system},
    text_attribute{"messaging.operation.name", &metric_attributes::messaging_operation},
    text_attribute{"messaging.operation", &metric_attributes::messaging_operation},
    text_attribute{"messaging.destination.name", &metric_attributes::messaging_destination},
    text_attribute{"messaging.destination", &metric_attributes::messaging_destination},
};
constexpr std::array any_attributes = {
    any_attribute{"http.response.status_code", &metric_attributes::http_status},
    any_attribute{"http.status_code", &metric_attributes::http_status},
    any_attribute{"rpc.response.status_code", &metric_attributes::rpc_status},
    any_attribute{"rpc.grpc.status_code", &metric_attributes::rpc_status},
};

std::uint64_t number_of(const any_value& value) noexcept
{
    if (value.kind == value_kind::integer)
        return value.number;
    return find_number<std::uint64_t>(value.text()).value_or(0);
}

model::outcome outcome_of_error(const metric_attributes& fields) noexcept
{
    return fields.error_type.empty() ? model::outcome::ok : model::outcome::server_error;
}

void interpret_http(const metric_attributes& fields, call_view& call) noexcept
{
    call.protocol = "http";
    call.method = fields.http_method;
    call.form = target_form::path;
    call.target = fields.http_route;
    if (fields.http_route.empty()) {
        // Whom a client called is all that its metrics say.
        const bool is_client = call.kind == operation_kind::client && !fields.server_address.empty();
        call.form = target_form::name;
        call.target = is_client ? fields.server_address : no_route;
    }
    const std::uint64_t status = number_of(fields.http_status);
    call.status = status <= 999 ? static_cast<std::uint16_t>(status) : std::uint16_t{0};
    call.outcome = call.status == 0 ? model::outcome::ok : outcome_of_http(call.status);
    if (call.outcome == model::outcome::ok)
        call.outcome = outcome_of_error(fields);
}

void interpret_db(const metric_attributes& fields, std::string& joined, call_view& call)
{
    const bool is_sql = is_sql_system(fields.db_system);
    call.protocol = is_sql ? std::string_view("sql") : fields.db_system;
    call.method = fields.db_operation;
    call.outcome = outcome_of_error(fields);
    call.form = target_form::name;
    if (is_sql && !fields.db_statement.empty()) {
        call.form = target_form::sql;
        call.target = fields.db_statement;
        return;
    }
    if (!fields.db_summary.empty()) {
        call.target = fields.db_summary;
        return;
    }
    joined.assign(fields.db_operation);
    if (!joined.empty() && !fields.db_collection.empty())
        joined += ' ';
    joined += fields.db_collection;
    call.target = joined;
}

void interpret_rpc(const metric_attributes& fields, std::string& joined, call_view& call)
{
    call.form = target_form::name;
    call.protocol = fields.rpc_system;
    call.method = last_segment(fields.rpc_method);
    if (fields.rpc_service.empty() || fields.rpc_method.find('/') != std::string_view::npos) {
        call.target = fields.rpc_method;
    } else {
        joined.assign(fields.rpc_service).append("/").append(fields.rpc_method);
        call.target = joined;
    }
    call.outcome = outcome_of_error(fields);
    const auto code = fields.rpc_status.kind == value_kind::integer ? std::optional(fields.rpc_status.number)
                                                                    : find_grpc_code(fields.rpc_status.text());
    if (code) {
        call.status = static_cast<std::uint16_t>(*code & 0xffff);
        call.outcome = outcome_of_grpc(*code);
    }
}

void interpret_messaging(const metric_convention& convention, const metric_attributes& fields, call_view& call) noexcept
{
    call.form = target_form::name;
    call.protocol = fields.messaging_system.empty() ? std::string_view("messaging") : fields.messaging_system;
    const bool processes = convention.name == "messaging.process.duration";
    call.method = !fields.messaging_operation.empty() ? fields.messaging_operation
                  : processes                         ? std::string_view("process")
                                                      : std::string_view("publish");
    call.target = fields.messaging_destination.empty() ? call.protocol : fields.messaging_destination;
    call.outcome = outcome_of_error(fields);
}

}  // namespace

const metric_convention* find_convention(std::string_view metric_name) noexcept
{
    const auto* found = std::find_if(conventions.begin(), conventions.end(), [metric_name](const auto& one) {
        return one.name == metric_name;
    });
    return found == conventions.end() ? nullptr : found;
}

std::optional<double> find_unit_ns(std::string_view unit, double otherwise) noexcept
{
    if (unit.empty())
        return otherwise;
    if (unit == "s")
        return second_ns;
    if (unit == "ms")
        return millisecond_ns;
    if (unit == "us")
        return 1e3;
    if (unit == "ns")
        return 1.0;
    return std::nullopt;
}

void read_metric_attribute(std::string_view message, metric_attributes& fields, wire_fault& fault) noexcept
{
    const key_value pair = read_key_value(message, fault);
    for (const text_attribute& one : text_attributes) {
        if (one.key == pair.key) {
            fields.*one.into = read_any_value(pair.value, fault).text();
            return;
        }
    }
    for (const any_attribute& one : any_attributes) {
        if (one.key == pair.key) {
            fields.*one.into = read_any_value(pair.value, fault);
            return;
        }
    }
}

void interpret_metric(
    const metric_convention& convention, const metric_attributes& fields, std::string& joined, call_view& call
)
{
    call.source = model::source::metric;
    call.kind = convention.kind;
    switch (convention.family) {
    case metric_family::http: return interpret_http(fields, call);
    case metric_family::db: return interpret_db(fields, joined, call);
    case metric_family::rpc: return interpret_rpc(fields, joined, call);
    case metric_family::messaging: return interpret_messaging(convention, fields, call);
    }
}

}  // namespace reprise::telemetry
