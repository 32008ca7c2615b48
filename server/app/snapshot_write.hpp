#pragma once

#include "snapshot.hpp"
#include "staged_output.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace reprise::app {

struct snapshot_written {
    std::uint64_t exchanges = 0;
    std::map<std::string, std::uint64_t> left_out;  // By reason.
};

// HAR and OTLP-JSON are one file, RRPairs a directory.
output_kind kind_of(telemetry::snapshot_format format) noexcept;

// The records in `format`, whole or not at all. RRPairs become <host or service>/<time>_<number>.json or
// .md; names from captured traffic are escaped and never become paths. Blocks on disk; stops early when
// interruption::seen().
outcome_of_step write_snapshot(
    std::span<const telemetry::captured_record> records, telemetry::snapshot_format format,
    const std::filesystem::path& path, bool force, const output_style& style, snapshot_written& written
);

}  // namespace reprise::app
