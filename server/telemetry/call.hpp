#pragma once

#include "wire.hpp"

#include "reprise/model/observation.hpp"
#include "reprise/model/operation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// How the route of an operation is made from its target.
enum class target_form : std::uint8_t {
    path,
    sql,
    sql_step,  // A statement's text, but the method as the record says: prepare, bind.
    key,       // Of a key-value store: user:17 is user:{id}.
    name,
};

// What a log record or a span says about one call, before anything is normalised: views into the
// record. Both readers end here, and so do the hot and the cold way.
struct call_view {
    model::source source = model::source::rrpair;
    model::operation_kind kind = model::operation_kind::internal;
    target_form form = target_form::name;
    model::outcome outcome = model::outcome::ok;
    bool replayed = false;
    std::uint16_t status = 0;
    std::string_view service;
    std::string_view protocol;   // "http", "sql", "grpc", or as the record says.
    std::string_view method;     // As the record says; unused when form is sql.
    std::string_view target;     // Path without query, statement, or name.
    std::string_view detail;     // Path with query, statement, key; empty for names.
    std::string_view query;      // When it came apart from the path.
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    model::trace_id trace;
    std::uint64_t span = 0;
    std::uint64_t parent_span = 0;
};

// The raw call as an operation, normalised. The strings are scratch for reuse: after the first few
// calls nothing is allocated.
class operation_text {
public:
    model::operation_view normalise(const call_view& call);

private:
    std::string protocol_;
    std::string method_;
    std::string route_;
};

// A kept name that is not UTF-8 is a fault.
void check_names(const call_view& call, wire_fault& fault) noexcept;

// "/a?b" of "http://host/a?b#c" and of "/a?b#c".
std::string_view path_and_query(std::string_view url) noexcept;
std::string_view without_query(std::string_view path) noexcept;
// "Method" of "package.Service/Method".
std::string_view last_segment(std::string_view path) noexcept;
// "host:80" of "http://user@host:80/a"; empty without a scheme.
std::string_view authority_of(std::string_view url) noexcept;

model::outcome outcome_of_http(std::uint16_t status) noexcept;
model::outcome outcome_of_grpc(std::uint64_t code) noexcept;
// "14", "UNAVAILABLE".
std::optional<std::uint64_t> find_grpc_code(std::string_view text) noexcept;

// SQL databases share one protocol, so that a statement is one operation however it was captured.
bool is_sql_system(std::string_view name) noexcept;

bool is_same_text(std::string_view a, std::string_view b) noexcept;  // Without case, ASCII.

// Ids as bytes. Anything but the right length (or nothing) is a fault.
model::trace_id read_trace_id(std::string_view bytes, wire_fault& fault) noexcept;
std::uint64_t read_span_id(std::string_view bytes, wire_fault& fault) noexcept;

}  // namespace reprise::telemetry
