#pragma once

#include "reprise/model/exchange.hpp"

#include <span>
#include <string>

namespace reprise::telemetry {

// The exchanges as RRPair log records in one ExportLogsServiceRequest of OTLP/JSON, without line end: a
// line as the Collector's file exporter writes it. One resource per service. Pure, any thread.
std::string write_otlp_json_line(std::span<const model::exchange> exchanges);

}  // namespace reprise::telemetry
