#pragma once

#include "reprise/model/observation.hpp"
#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

// The hot way in: export requests as OTLP/protobuf become observations without an object per record.
// Pure functions, any thread; about 0.4 us per log record of 1 KB and 0.15 us per span.
//
// Only needed fields are visited; everything else is skipped unseen by its length. What is malformed
// where we look (cut-off varint, length past the end, group, wrong id length, a kept name that is not
// UTF-8) refuses the whole request. A record that is well-formed but says nothing usable is counted
// in observation_batch::rejected with the first reason.
namespace reprise::telemetry {

struct decode_limits {
    std::size_t request_bytes_max = 256 * 1024 * 1024;  // Offsets of records are 32 bits wide.
    std::size_t records_max = 262'144;                  // Of one request; more is an error.
    std::size_t buckets_max = 2 * 1024 * 1024;          // With calls, of its histograms: 64 MiB.
};

constexpr std::size_t service_bytes_max = 255;     // A longer name rejects its record.
constexpr std::size_t version_bytes_max = 128;     // A longer service.version is taken for none.
constexpr std::size_t method_bytes_max = 64;       // A longer or odd HTTP method becomes "_OTHER", others are cut.
constexpr std::size_t protocol_bytes_max = 32;     // Cut.
constexpr std::string_view unknown_service = "unknown_service";  // Nobody named one.

// An ExportLogsServiceRequest whose records carry RRPairs as kvlist bodies. The batch shares
// ownership of `bytes`; record_offset and record_bytes of an observation give its raw LogRecord.
decode_result<model::observation_batch> decode_logs(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits = {}
);

// An ExportTraceServiceRequest; the raw records are Spans.
decode_result<model::observation_batch> decode_spans(
    std::shared_ptr<const std::string> bytes, const decode_limits& limits = {}
);

}  // namespace reprise::telemetry
