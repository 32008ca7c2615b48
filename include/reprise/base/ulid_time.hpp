#pragma once

#include <cstdint>
#include <string>

namespace reprise {

// The smallest ULID of that millisecond: what was made at or after it has an id that is not smaller. Times before 1970
// count as 1970. Pure; any thread.
std::string first_ulid(std::int64_t time_ns);

}  // namespace reprise
