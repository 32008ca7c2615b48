#pragma once

#include "reprise/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

constexpr const char* damaged_directory = "damaged";  // Below the journal's.

// A segment that is being written. Errors: errc::too_large (the disk is full), errc::io (anything else).
class segment_file {
public:
    virtual ~segment_file() = default;

    // Whole blocks of block_buffer, `at` a whole number of them: as many as follow what is there, and the
    // last that is there once more. All of it or an error; after an error nobody knows how much.
    virtual result<void> write(std::uint64_t at, std::string_view blocks) = 0;
    // What was written survives a power cut once this succeeds. After an error nobody knows.
    virtual result<void> sync() = 0;
};

// The journal's directory. All calls block on disk. One caller at a time.
class journal_files {
public:
    virtual ~journal_files() = default;

    virtual result<std::vector<std::string>> list() = 0;  // Names of the segments, sorted.
    // A new, empty file of that name, which survives a power cut from here on.
    virtual result<std::unique_ptr<segment_file>> create(const std::string& name) = 0;
    virtual result<std::string> read(const std::string& name) = 0;
    virtual result<void> truncate(const std::string& name, std::size_t bytes) = 0;
    virtual result<void> remove(const std::string& name) = 0;
    // Keeps damaged bytes under a name of their own, for people; what is there already stays.
    virtual result<void> set_aside(const std::string& name, std::string_view bytes) = 0;
};

// Segments in `directory`, damaged bytes in `directory`/damaged. Both are made, mode 0700, when
// missing; files get 0600.
result<std::unique_ptr<journal_files>> open_journal_files(const std::filesystem::path& directory);

}  // namespace reprise::pipeline
