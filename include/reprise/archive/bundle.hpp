#pragma once

#include "reprise/archive/error.hpp"
#include "reprise/model/evidence.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Evidence bundles on the file system: docs/formats/evidence-bundle.md. All functions block on disk
// and compress; call them through offload(). Safe from any thread, also at once for different bundles.
namespace reprise::archive {

constexpr int bundle_format = 1;

// What one bundle may hold. What a cap leaves out is counted by role and cap in the manifest.
struct bundle_limits {
    std::uint32_t failing_max = 200;
    std::uint32_t triggers_max = 200;
    std::uint32_t control_max = 200;
    std::uint32_t setup_max = 200;
    std::uint32_t context_max = 400;
    std::uint64_t exchange_bytes_max = 4ULL << 20;   // Of one RRPair file; a larger one is left out whole.
    std::uint64_t exchanges_bytes_max = 64ULL << 20; // Of all RRPair files, uncompressed.
};

// What a stranger's bundle may do to us.
struct read_limits {
    std::uint64_t bundle_bytes_max = 64ULL << 20;    // On disk.
    std::uint64_t unpacked_bytes_max = 96ULL << 20;
    std::uint64_t entry_bytes_max = 8ULL << 20;
    std::uint32_t entries_max = 2'000;
    std::uint32_t name_bytes_max = 512;
};

// Of a bundle that is the smallest that still shows a problem: what it was made of.
struct minimised_from {
    std::string name;                   // Of the bundle or capture ...
    std::string sha256;                 // ... and its digest.
    std::string still;                  // What holds of the answers while the problem is there.
    std::uint32_t requests = 0;         // So many are left ...
    std::uint32_t requests_before = 0;  // ... of these.
    std::uint32_t trials = 0;
    bool minimal = false;               // False when the search ended early.
};

// What goes in. Exchanges must be redacted already; nothing here looks for secrets.
struct bundle_source {
    model::evidence evidence;       // id, signal_id, service, fingerprint, window_start_ns, created_ns.
    std::string signal_json;        // The signal as the API shows it.
    std::string redaction_version;  // Of the rules that were applied.
    std::string selection;          // How the exchanges were chosen, one sentence.
    std::string producer;           // "reprise 0.1.0".
    std::span<const model::evidence_item> items;  // Order within a role is kept.
    std::optional<minimised_from> minimised;
};

struct packed_bundle {
    model::evidence evidence;  // As write_bundle() returns it, without a path.
    std::string bytes;         // Of the .tar.gz.
};

// What write_bundle() would write, in memory. The same errors but write_failed of a disk.
result<packed_bundle> pack_bundle(const bundle_source& source, const bundle_limits& limits = {});

// Writes evidence/<service>/<fingerprint>/<window start>.tar.gz below `data_dir`, mode 0600, whole or
// not at all (temporary file, fsync, rename, fsync of the directory). Order: failing, triggers,
// control, setup, context. The same source gives the same bytes. A bundle never changes once it is there:
// another one of the same service, fingerprint and window gets "_<evidence id>" behind its time.
// Returns the evidence with path, sha256, bytes and counts filled; `cut` adds to what the source says
// was cut before. Errors: invalid_argument without fingerprint or id, errc::write_failed,
// errc::bundle_too_large.
result<model::evidence> write_bundle(
    const std::filesystem::path& data_dir, const bundle_source& source, const bundle_limits& limits = {}
);

struct bundle {
    model::evidence evidence;  // From the manifest; path, sha256 and bytes of the file that was read.
    std::string manifest;      // JSON as it stands in the file.
    std::string signal_json;
    std::string redaction_version;
    std::vector<model::evidence_item> items;  // In the order of the manifest.
};

// Reads and checks everything: names, sizes, counts, hashes, each exchange. Nothing is unpacked to disk.
// Errors: reprise::errc::not_found, reprise::errc::io, and those of archive::errc.
result<bundle> read_bundle(const std::filesystem::path& path, const read_limits& limits = {});
// The same for bytes that were read from `name`.
result<bundle> read_packed_bundle(std::string_view packed, const std::string& name, const read_limits& limits = {});

// One name as one path component: letters, digits, '.', '_' and '-' stay, every other byte and a leading
// dot become %XX; longer than 100 bytes is cut and ends with ~ and a hash. "%" for an empty name; never
// "." or "..".
std::string escape_name(std::string_view name);

// "evidence/<service>/<fingerprint>/<window start>.tar.gz", names escaped.
std::string bundle_path(std::string_view service, std::string_view fingerprint, std::int64_t window_start_ns);

// "findings/<service>/<window start>.json", the name escaped.
std::string findings_path(std::string_view service, std::int64_t window_start_ns);

}  // namespace reprise::archive
