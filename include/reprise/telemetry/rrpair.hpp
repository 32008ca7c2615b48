#pragma once

#include "reprise/model/exchange.hpp"
#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

// RRPairs as files (JSON and the Markdown form) and as OTLP log records. All readers end in the same
// interpretation as parse_exchange, so a pair means the same whichever way it came. Pure, any thread.
namespace reprise::telemetry {

constexpr std::size_t json_depth_max = 100;

// One RRPair as a JSON object. `service` is used when the pair names none.
result<model::exchange> parse_rrpair_json(std::string_view text, std::string_view service = {});

// A Markdown file: "### REQUEST ###" and "### RESPONSE ###", each followed by a fence with the raw
// message, and a fence that starts with "json:" for the rest. Method, URL and status of the raw
// messages win over the JSON. Without the JSON, ts is missing and the pair is refused.
result<model::exchange> parse_rrpair_markdown(std::string_view text, std::string_view service = {});

// What the two above read: parse(write(x)) gives x, but for redacted_fields, for headers that occur
// more than once (their values are joined) and for line ends in headers. Bodies that are not UTF-8 are
// written as base64.
std::string write_rrpair_json(const model::exchange& exchange);
std::string write_rrpair_markdown(const model::exchange& exchange);

// The pair as one LogRecord, and many of them as one ExportLogsServiceRequest (one resource per
// service), for decode_logs: a snapshot goes through the same decoder as live traffic.
std::string encode_rrpair_record(const model::exchange& exchange);
std::string encode_logs_request(std::span<const model::exchange> exchanges);

}  // namespace reprise::telemetry
