#pragma once

#include "log_record.hpp"
#include "protocol.hpp"

#include <optional>
#include <string_view>

namespace reprise::telemetry {

// What an exchange says that is no HTTP: SQL, gRPC, key-value and document stores, messaging; anything
// else keeps its names and is marked unknown. The caller has read times, ids and direction.
std::optional<errc> interpret_protocol(
    const log_fields& fields, const protocol_entry& protocol, call_view& call
) noexcept;

// gRPC that was recorded as HTTP/2, by its content type.
bool is_grpc_over_http(const log_fields& fields) noexcept;
std::optional<errc> interpret_grpc(const log_fields& fields, call_view& call) noexcept;

// The text of the error that the answer holds, for records whose status says nothing.
std::string_view find_error_text(const log_fields& fields) noexcept;

bool is_ok_status(std::string_view status) noexcept;
// A status that names no reason: ok, success, error.
bool says_nothing(std::string_view status) noexcept;

}  // namespace reprise::telemetry
