#pragma once

#include <cstdint>

namespace reprise::test {

// How many times connect(2) was called by other threads than the first that asked this. Executables that name
// reprise_connect_count among their ROOMS have a connect() of their own that counts.
std::uint64_t connects_of_other_threads() noexcept;

}  // namespace reprise::test
