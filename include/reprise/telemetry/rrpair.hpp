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

// One RRPair as a JSON object. `service` is used when the pair names none. When it is not JSON, `offset`
// gets where that shows.
result<model::exchange> parse_rrpair_json(
    std::string_view text, std::string_view service = {}, std::size_t* offset = nullptr
);

// A Markdown file of sections ("### REQUEST ###", "### RESPONSE (MOCK) ###", "### METADATA ###") with fences:
// raw message heads, bodies in the same fence or the next one, and one that starts with "json:" for the
// rest. Request line, headers, status and metadata win over the JSON; a base64 body in the JSON wins over
// a fence that shows the same JSON otherwise laid out. Neither JSON nor metadata: ts is missing and the
// pair is refused.
result<model::exchange> parse_rrpair_markdown(std::string_view text, std::string_view service = {});

// What the two above read: parse(write(x)) gives x, but for redacted_fields, for line ends in headers
// and for the place of a header's second value among other headers. Bodies that are not UTF-8, and in
// Markdown those a reader could take for something else, are written as base64.
std::string write_rrpair_json(const model::exchange& exchange);
std::string write_rrpair_markdown(const model::exchange& exchange);

// The pair as one LogRecord, and many of them as one ExportLogsServiceRequest (one resource per
// service), for decode_logs: a snapshot goes through the same decoder as live traffic.
std::string encode_rrpair_record(const model::exchange& exchange);
std::string encode_logs_request(std::span<const model::exchange> exchanges);

}  // namespace reprise::telemetry
