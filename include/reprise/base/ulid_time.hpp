#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise {

// The smallest ULID of that millisecond: what was made at or after it has an id that is not smaller. Times before 1970
// count as 1970. Pure; any thread.
std::string first_ulid(std::int64_t time_ns);

// When a ULID was made, in Unix ms below 2^48; nothing for what is none.
std::optional<std::uint64_t> find_ulid_time_ms(std::string_view text) noexcept;

}  // namespace reprise
