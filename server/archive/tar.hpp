#pragma once

#include "reprise/archive/bundle.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

// The only place that sees libarchive: .tar.gz in memory, regular files only.
namespace reprise::archive {

struct packed_file {
    std::string name;
    std::string bytes;
};

// The same files and time give the same bytes. Errors: errc::write_failed (a bug or no memory).
result<std::string> pack(std::span<const packed_file> files, std::int64_t time_s);

// Calls `take` with each entry in order; what it answers ends the walk when it is an error. Refuses
// everything but regular files with decent names below the limits, before their bytes are kept.
result<void> unpack(
    std::string_view packed, const read_limits& limits, const std::function<result<void>(packed_file)>& take
);

}  // namespace reprise::archive
