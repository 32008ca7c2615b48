#pragma once

#include "call.hpp"
#include "wire_value.hpp"

#include "reprise/telemetry/error.hpp"

#include <optional>
#include <string_view>

namespace reprise::telemetry {

constexpr std::uint64_t span_kind_server = 2;
constexpr std::uint64_t span_kind_client = 3;
constexpr std::uint64_t span_kind_producer = 4;
constexpr std::uint64_t span_kind_consumer = 5;

// The parts of a Span that say what kind of call it was, under their current and older names.
struct span_fields {
    model::trace_id trace;
    std::uint64_t span = 0;
    std::uint64_t parent = 0;
    std::string_view name;
    std::uint64_t kind = 0;           // SpanKind; anything else is internal.
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint64_t status_code = 0;    // 2 is ERROR.
    std::string_view status_message;
    bool replayed = false;

    std::string_view http_method;
    any_value http_status;
    std::string_view http_route;      // http.route, url.template.
    std::string_view url_path;
    std::string_view url_query;
    std::string_view url;             // url.full, http.url, http.target.
    std::string_view host;            // server.address, net.peer.name: for the cold way.

    std::string_view db_system;
    std::string_view db_statement;
    std::string_view db_operation;

    std::string_view rpc_system;
    std::string_view rpc_service;
    std::string_view rpc_method;
    any_value rpc_status;

    std::string_view messaging_system;
    std::string_view messaging_operation;
    std::string_view messaging_destination;
};

// `fields` must be fresh.
void read_span(std::string_view span, span_fields& fields, wire_fault& fault) noexcept;

// What the fields mean, or why they mean nothing. `service` is the resource's.
std::optional<errc> interpret(const span_fields& fields, std::string_view service, call_view& call) noexcept;

}  // namespace reprise::telemetry
