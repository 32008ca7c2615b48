#pragma once

#include <optional>
#include <string_view>

// The forms in which captured traffic is kept in files. Pure, any thread.
namespace reprise::telemetry {

enum class snapshot_format : unsigned char {
    rrpair_json,      // One RRPair per file, or one per line.
    rrpair_markdown,  // One RRPair per file.
    har,              // HTTP Archive 1.2.
    otlp_json,        // One export request per line, as the Collector's file exporter writes them.
};

std::string_view to_text(snapshot_format format) noexcept;  // "rrpair-json", "rrpair-md", "har", "otlp-json".
std::optional<snapshot_format> find_snapshot_format(std::string_view name) noexcept;

// By content: the first members of the JSON object, or the Markdown heading. The beginning of a file is
// enough. nullopt when it is none of the four.
std::optional<snapshot_format> detect_snapshot_format(std::string_view head) noexcept;

// Whether `text` begins with a whole JSON value that ends on its first line: one document per line.
bool is_one_per_line(std::string_view text) noexcept;

// Whether an OTLP/JSON request holds metrics or profiles, and neither logs nor traces: nothing to analyse.
bool is_not_analysed(std::string_view request) noexcept;

}  // namespace reprise::telemetry
