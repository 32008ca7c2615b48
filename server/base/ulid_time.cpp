#include "reprise/base/ulid_time.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>

namespace reprise {

std::string first_ulid(std::int64_t time_ns)
{
    constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    constexpr std::size_t ulid_digits = 26;
    constexpr std::size_t time_digits = 10;
    auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(time_ns, 0) / ns_per_ms);
    std::string text(ulid_digits, '0');
    for (std::size_t digit = time_digits; digit-- > 0; ms >>= 5)
        text[digit] = alphabet[ms & 31];
    return text;
}

}  // namespace reprise
