#include "reprise/base/id.hpp"

#include "ulid_alphabet.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

namespace reprise {
namespace {

constexpr std::size_t random_size = 10;

struct generator {
    std::mutex mutex;
    std::int64_t last_ms = -1;
    unsigned char random[random_size] = {};

    // Counts up within a millisecond, so that ids of one process sort as they were made.
    void next(std::int64_t ms, unsigned char* out)
    {
        if (ms != last_ms) {
            last_ms = ms;
            const std::string fresh = random_bytes(random_size);
            std::memcpy(random, fresh.data(), random_size);
            random[0] &= 0x7f;  // Room to count.
        } else {
            for (std::size_t i = random_size; i-- > 0;) {
                if (++random[i] != 0)
                    break;
            }
        }
        std::memcpy(out, random, random_size);
    }
};

}  // namespace

std::string make_ulid(std::int64_t now_ns)
{
    static generator shared;
    const std::int64_t ms = std::max<std::int64_t>(now_ns / ns_per_ms, 0);

    unsigned char bits[16];
    for (int i = 0; i < 6; ++i)
        bits[i] = static_cast<unsigned char>(ms >> (8 * (5 - i)));
    {
        const std::lock_guard lock(shared.mutex);
        shared.next(ms, bits + 6);
    }

    // 128 bits in 26 digits of 5: the first digit carries only 3.
    std::string text(26, '0');
    for (std::size_t digit = 0; digit < 26; ++digit) {
        const int first_bit = static_cast<int>(digit) * 5 - 2;
        unsigned value = 0;
        for (int bit = first_bit; bit < first_bit + 5; ++bit) {
            value <<= 1;
            if (bit >= 0)
                value |= (static_cast<unsigned>(bits[bit / 8]) >> (7 - bit % 8)) & 1U;
        }
        text[digit] = ulid_alphabet[value];
    }
    return text;
}

bool is_ulid(std::string_view text) noexcept
{
    return text.size() == 26 && text[0] <= '7' &&
           text.find_first_not_of(ulid_alphabet) == std::string_view::npos;
}

}  // namespace reprise
