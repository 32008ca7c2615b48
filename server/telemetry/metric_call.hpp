#pragma once

#include "call.hpp"
#include "wire_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::telemetry {

enum class metric_family : std::uint8_t { http, db, rpc, messaging };

// A histogram of durations whose name the semantic conventions give a meaning.
struct metric_convention {
    std::string_view name;
    metric_family family = metric_family::http;
    model::operation_kind kind = model::operation_kind::server;
    double unit_ns = 1e9;  // Where the sender names no unit.
};

// Null for every other metric.
const metric_convention* find_convention(std::string_view metric_name) noexcept;

// Nanoseconds of "s", "ms", "us" and "ns"; `otherwise` for an empty unit, nothing for any other.
std::optional<double> find_unit_ns(std::string_view unit, double otherwise) noexcept;

// The attributes that say what calls a point counts, under their current and older names.
struct metric_attributes {
    std::string_view http_method;
    std::string_view http_route;      // http.route, url.template.
    any_value http_status;
    std::string_view server_address;
    std::string_view error_type;
    std::string_view db_system;
    std::string_view db_operation;
    std::string_view db_statement;
    std::string_view db_summary;
    std::string_view db_collection;   // db.collection.name, db.sql.table.
    std::string_view rpc_system;
    std::string_view rpc_service;
    std::string_view rpc_method;
    any_value rpc_status;
    std::string_view messaging_system;
    std::string_view messaging_operation;
    std::string_view messaging_destination;
};

void read_metric_attribute(std::string_view message, metric_attributes& fields, wire_fault& fault) noexcept;

// Fills everything of the call but service, times and ids. A target put together from several attributes
// is built in `joined`, which the call then points into.
void interpret_metric(
    const metric_convention& convention, const metric_attributes& fields, std::string& joined, call_view& call
);

// What has no route of its own: one operation per method.
constexpr std::string_view no_route = "(no route)";

}  // namespace reprise::telemetry
