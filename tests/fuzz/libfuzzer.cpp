#include "fuzz_target.hpp"

#include <cstddef>
#include <cstdint>

// libFuzzer's door. Compiled once per target with REPRISE_FUZZ_TARGET naming it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    reprise::fuzz::REPRISE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
