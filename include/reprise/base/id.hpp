#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise {

// A ULID (26 characters, Crockford base 32): sorts by time, ids made by one process in the same
// millisecond stay in order. Safe from any thread.
std::string make_ulid(std::int64_t now_ns);

// True for 26 characters of the alphabet that do not overflow 128 bits.
bool is_ulid(std::string_view text) noexcept;

}  // namespace reprise
