#include "reprise/base/clock.hpp"

#include <chrono>
#include <ctime>

namespace reprise {

std::int64_t system_clock::now_ns() const noexcept
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch()
    )
        .count();
}

std::int64_t system_clock::steady_ns() const noexcept
{
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count();
}

std::int64_t process_cpu_ns() noexcept
{
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<std::int64_t>(used.tv_sec) * ns_per_s + used.tv_nsec;
}

}  // namespace reprise
