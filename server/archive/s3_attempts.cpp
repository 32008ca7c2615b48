#include "s3_attempts.hpp"

#include <algorithm>

namespace reprise::archive {

using std::chrono::milliseconds;

std::optional<milliseconds> s3_attempts::next(
    attempt_end end, double chance, std::optional<milliseconds> asked_for
) noexcept
{
    ++count_;
    if (end == attempt_end::done || count_ >= limits_.attempts_max || (end == attempt_end::lost && !repeatable_))
        return std::nullopt;
    milliseconds delay = limits_.delay_first;
    for (std::uint32_t i = 1; i < count_ && delay < limits_.delay_max; ++i)
        delay *= 2;
    delay = std::min(delay, limits_.delay_max);
    const auto half = delay / 2;
    delay = half + milliseconds(static_cast<std::int64_t>(chance * static_cast<double>((delay - half).count())));
    return std::clamp(asked_for.value_or(delay), delay, std::max(delay, limits_.delay_max));
}

}  // namespace reprise::archive
