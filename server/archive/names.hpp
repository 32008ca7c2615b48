#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::archive {

// 20261121T111504.123456789Z: sorts by time and is a file name everywhere.
std::string compact_time(std::int64_t time_ns);

// RFC 3339 with nanoseconds, so that a time survives the way to the manifest and back.
std::string exact_time(std::int64_t time_ns);

// What a bundle's entry may be called: relative, no empty, "." or ".." part, visible ASCII.
bool is_entry_name(std::string_view name, std::size_t bytes_max) noexcept;

}  // namespace reprise::archive
