#pragma once

#include "terminal.hpp"

#include "reprise/model/observation.hpp"
#include "reprise/telemetry/captured_record.hpp"
#include "reprise/telemetry/snapshot_format.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reprise::app {

constexpr std::size_t snapshot_files_max = 1'000'000;
constexpr std::size_t snapshot_document_bytes_max = 64UL * 1024 * 1024;  // One RRPair, one line.
constexpr std::size_t snapshot_har_bytes_max = 512UL * 1024 * 1024;      // One HAR file.
constexpr std::size_t snapshot_bytes_max = 4UL * 1024 * 1024 * 1024;     // Records of all files together.
constexpr std::size_t snapshot_problems_max = 10'000;                    // Listed; further ones are counted.

struct snapshot_options {
    std::string service;                               // Instead of what the records say; empty: what they say.
    std::optional<telemetry::snapshot_format> format;  // Instead of looking at the content.
};

struct snapshot_problem {
    std::string where;  // File, with the line or the entry.
    std::string what;
};

struct snapshot_reading {
    std::uint64_t files = 0;
    std::uint64_t records = 0;
    std::map<std::string, std::uint64_t> skipped;    // What is no traffic, by reason: "metrics", ...
    std::uint64_t problem_count = 0;
    std::vector<snapshot_problem> problems;          // Files, lines and entries that say nothing usable.
    std::map<std::string, std::uint64_t> protocols;  // Records by protocol, known ones or not.
    bool interrupted = false;
};

// Everything the files hold, in the order of time.
struct snapshot_content {
    snapshot_reading reading;
    std::vector<telemetry::captured_record> records;
};

// Reads files and directories (walked recursively, dot-files skipped) of every known format, told by
// content, mixed as they come. Blocks on disk; stops early when interruption::seen().
snapshot_content load_snapshots(
    const std::vector<std::string>& paths, const snapshot_options& options, const output_style& style
);

using batch_taker = std::function<void(std::shared_ptr<const model::observation_batch>)>;

// The same, handed over as export requests of 512 records through the decoder of the live intake.
snapshot_reading read_snapshots(
    const std::vector<std::string>& paths, const output_style& style, const batch_taker& take,
    const snapshot_options& options = {}
);

// For people: "183 HTTP, 20 SQL, 2 of unknown protocol (x 2)".
std::string protocol_counts(const snapshot_reading& reading);

// The same for programs, and the counts by reason or protocol.
boost::json::array problems_json(const snapshot_reading& reading);
boost::json::object counts_json(const std::map<std::string, std::uint64_t>& counts);

// "skipped: 3 URLs that are not HTTP", a line for each reason, on stdout.
void print_counts(const char* what, const std::map<std::string, std::uint64_t>& counts);

// The first problems on stderr and how many more there are.
void print_problems(const snapshot_reading& reading);

}  // namespace reprise::app
