#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/telemetry/error.hpp"

#include <string_view>

namespace reprise::telemetry {

constexpr std::size_t value_depth_max = 64;  // Nested values in one record.

// Everything one raw record says: the cold, complete twin of what decode_logs and decode_spans read,
// with the same operation. `raw_record` is a LogRecord (source rrpair) or a Span as cut out by
// record_offset and record_bytes; `service` is the operation's service (used when the record names
// none). Headers keep their order, bodies their bytes (base64 is undone). From a span only what the
// conventions carry is filled; its message is the exception's or the status's. Pure, any thread.
result<model::exchange> parse_exchange(
    model::source source, std::string_view raw_record, std::string_view service
);

}  // namespace reprise::telemetry
