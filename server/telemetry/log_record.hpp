#pragma once

#include "call.hpp"
#include "wire_value.hpp"

#include "reprise/telemetry/error.hpp"

#include <optional>
#include <string_view>

namespace reprise::telemetry {

// The parts of a LogRecord that say what kind of call it was: views into the record, nothing judged.
struct log_fields {
    std::uint64_t time_ns = 0;
    std::uint64_t observed_ns = 0;
    model::trace_id trace;
    std::uint64_t span = 0;
    std::string_view service_attribute;

    value_kind body_kind = value_kind::none;
    std::string_view msg_type;
    std::string_view ts;
    std::string_view l7protocol;
    std::string_view direction;
    std::string_view command;
    std::string_view location;
    std::string_view status;
    std::string_view service;
    std::string_view trace_hex;
    std::string_view span_hex;
    std::string_view parent_hex;
    std::string_view signature;      // mutableSignature["postgres:query"].
    std::string_view resource;       // Names the application where service does not.
    std::string_view protocol_part;  // AnyValue of "postgres", "mysql", "redis", "kafka", "grpc", ...
    any_value duration;

    bool has_http = false;
    std::string_view http_method;
    std::string_view http_url;
    std::string_view http_uri;       // With the query, where http_url has none.
    std::string_view http_response;  // AnyValue.
    std::string_view content_type;   // Of the request.
    std::string_view traceparent;
    bool replayed = false;
    any_value status_code;
};

// `fields` must be fresh.
void read_log_record(std::string_view record, log_fields& fields, wire_fault& fault) noexcept;

// What the fields mean, or why they mean nothing. `service` is used when the record names none.
std::optional<errc> interpret(const log_fields& fields, std::string_view service, call_view& call) noexcept;

}  // namespace reprise::telemetry
