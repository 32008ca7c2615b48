#pragma once

#include <cstdint>

// Counts calls of operator new. A test executable links reprise_allocation_count to have the global
// operators replaced; others must not. malloc called by C libraries is not seen.
namespace reprise::support {

// By the calling thread since it began.
std::uint64_t thread_allocations() noexcept;

// How often the calling thread allocated since this object was made.
class allocation_scope {
public:
    std::uint64_t count() const noexcept { return thread_allocations() - before_; }

private:
    std::uint64_t before_ = thread_allocations();
};

}  // namespace reprise::support
