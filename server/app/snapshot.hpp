#pragma once

#include "terminal.hpp"

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reprise::app {

constexpr std::size_t snapshot_files_max = 1'000'000;
constexpr std::size_t snapshot_file_bytes_max = 64UL * 1024 * 1024;

struct snapshot_problem {
    std::string where;  // File, with the line for OTLP-JSON.
    std::string what;
};

struct snapshot_reading {
    std::uint64_t files = 0;
    std::uint64_t records = 0;
    std::vector<snapshot_problem> problems;  // Files and lines that say nothing usable; all are counted.
};

using batch_taker = std::function<void(std::shared_ptr<const model::observation_batch>)>;

// Reads RRPair directories (*.json, *.md, walked recursively, dot-files skipped) and OTLP-JSON files
// (*.jsonl, *.ndjson, or *.json with an export request per line) and hands their records over in the
// order of time, as export requests of 512 records through the decoder of the live intake.
snapshot_reading read_snapshots(
    const std::vector<std::string>& paths, const output_style& style, const batch_taker& take
);

}  // namespace reprise::app
