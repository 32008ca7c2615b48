#include "reprise/base/ulid_time.hpp"

#include "ulid_alphabet.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/id.hpp"

#include <algorithm>

namespace reprise {
namespace {

constexpr std::size_t ulid_digits = 26;
constexpr std::size_t time_digits = 10;

}  // namespace

std::string first_ulid(std::int64_t time_ns)
{
    auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(time_ns, 0) / ns_per_ms);
    std::string text(ulid_digits, '0');
    for (std::size_t digit = time_digits; digit-- > 0; ms >>= 5)
        text[digit] = ulid_alphabet[ms & 31];
    return text;
}

std::optional<std::uint64_t> find_ulid_time_ms(std::string_view text) noexcept
{
    if (!is_ulid(text))
        return std::nullopt;
    std::uint64_t ms = 0;
    for (const char digit : text.substr(0, time_digits))
        ms = ms << 5 | std::string_view(ulid_alphabet).find(digit);
    return ms;
}

}  // namespace reprise
