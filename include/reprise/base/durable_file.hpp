#pragma once

#include "reprise/base/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace reprise {

enum class when_present {
    replace,  // The new bytes take the old ones' place in one step.
    keep,     // The file that is there stays as it is.
};

enum class file_outcome {
    written,
    kept,  // A regular file had the name and the rule was to keep it.
};

// Writes a file whole or not at all, so that it survives a crash right after the return: temporary
// file in the same directory, fsync, rename (or link), fsync of the directory. Mode 0600; missing
// directories are made with 0700.
// Blocks on disk. Safe from several threads and processes; a crash may leave ".<name>.<random>.tmp".
// Errors: denied (no permission, read-only), conflict (the name is no regular file, or a part of the
// path no directory), io (anything else). Which path and why is logged.
result<file_outcome> write_durable_file(
    const std::filesystem::path& path, std::string_view bytes, when_present rule
);

// The whole file. not_found, too_large above `bytes_max`, denied, conflict, io as above.
result<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace reprise
