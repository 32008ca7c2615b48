#pragma once

#include "reprise/base/error.hpp"
#include "reprise/base/signature.hpp"
#include "reprise/store/audit.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The audit as text outside the database: rows for export, checkpoints for a file that is kept elsewhere.
namespace reprise::http {

constexpr std::size_t checkpoint_file_bytes_max = 256UL * 1024 * 1024;

struct audit_config {
    std::optional<signing_key> key;         // Signs checkpoints; none: none are made.
    store::checkpoint_keys known_keys;      // Whose checkpoints are believed: that key and those before it.
    std::filesystem::path checkpoint_file;  // Gets each as a line; empty: none.
};

// One row as a line of JSON, without the line's end.
std::string audit_line(const store::audit_row& row);

// {"seq":..., "hash":"...", "at_ns":..., "key_id":"...", "signature":"..."}
std::string checkpoint_line(const store::audit_checkpoint& checkpoint);

// Blocks: reads the file, one checkpoint a line, in any order; they come back by seq. A last line that was cut off in
// the middle of writing is left out. errc::corrupt when another line is no checkpoint, with its number in `bad_line`;
// errc::not_found, errc::too_large, errc::io.
result<std::vector<store::audit_checkpoint>> read_checkpoint_file(
    const std::filesystem::path& path, std::size_t* bad_line = nullptr
);

}  // namespace reprise::http
