#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Plain values shared by all rooms above. No behaviour beyond text forms and their own invariants;
// everything here is safe to copy and to read from any thread.
namespace reprise::model {

// Where a record came from. Part of an operation's identity: statistics never mix sources, so a
// request reported twice is never counted twice.
enum class source : std::uint8_t { rrpair, span, metric };

enum class operation_kind : std::uint8_t { server, client, db, messaging, internal };

// How one call ended, as its caller would judge it.
enum class outcome : std::uint8_t {
    ok,
    client_error,  // 4xx but 429; for spans of kind client it is an error of the caller, too.
    throttled,     // 429, RESOURCE_EXHAUSTED.
    server_error,  // 5xx, transport error, failed statement, span status error.
    cancelled,     // 499, CANCELLED: the caller went away.
};
constexpr std::size_t outcome_count = 5;

// What gets a baseline. `route` is a template (/orders/{id}) for HTTP and gRPC, the normalised
// statement for databases; `method` is the HTTP method, the SQL verb or the RPC method.
struct operation_view {
    model::source source = source::rrpair;
    operation_kind kind = operation_kind::server;
    std::string_view service;
    std::string_view protocol;  // "http", "sql", "grpc" or what the record said, lower case.
    std::string_view method;
    std::string_view route;
};

struct operation_key {
    model::source source = source::rrpair;
    operation_kind kind = operation_kind::server;
    std::string service;
    std::string protocol;
    std::string method;
    std::string route;

    operation_key() = default;
    explicit operation_key(const operation_view& view)
        : source(view.source), kind(view.kind), service(view.service), protocol(view.protocol),
          method(view.method), route(view.route)
    {
    }
    operation_view view() const { return {source, kind, service, protocol, method, route}; }
    bool operator==(const operation_key&) const = default;
};

// 64-bit hash of every member, stable across machines and versions (it is stored).
std::uint64_t operation_id(const operation_view& operation) noexcept;

// "POST /orders", "SELECT ... FROM items WHERE id = ?" cut to 120 bytes: for people.
std::string operation_name(const operation_view& operation);

std::string_view to_text(source value) noexcept;
std::string_view to_text(operation_kind value) noexcept;
std::string_view to_text(outcome value) noexcept;
std::optional<source> find_source(std::string_view text) noexcept;
std::optional<operation_kind> find_operation_kind(std::string_view text) noexcept;
std::optional<outcome> find_outcome(std::string_view text) noexcept;

}  // namespace reprise::model
