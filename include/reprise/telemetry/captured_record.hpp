#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/model/observation.hpp"
#include "reprise/telemetry/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

// Records of files on their way to the decoder of live traffic or to another format. Pure, any thread.
namespace reprise::telemetry {

// One raw LogRecord (source rrpair) or Span, and what is needed to put it in order.
struct captured_record {
    model::source source = model::source::rrpair;
    std::int64_t start_ns = 0;
    std::string service;
    std::string version;  // Of the service; empty where nothing says so.
    std::string bytes;
};

captured_record to_record(const model::exchange& exchange);

// Every observation's record, copied out of the batch.
void append_records(const model::observation_batch& batch, std::vector<captured_record>& records);

// An ExportLogsServiceRequest or ExportTraceServiceRequest (all of one source), one resource per service
// and version, the order of the input kept within it.
std::string encode_export_request(std::span<const captured_record* const> records);

// parse_exchange of the record; a span's source is kept.
result<model::exchange> to_exchange(const captured_record& record);

}  // namespace reprise::telemetry
