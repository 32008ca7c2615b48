#include "utf8.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cstdint>

namespace reprise::telemetry {
namespace {

bool is_continuation(char c) noexcept
{
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Bytes of the sequence that `text` begins with, 0 when it is malformed.
std::size_t sequence_bytes(std::string_view text) noexcept
{
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (size == 1)
        return 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size)
        return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (!is_continuation(text[i]))
            return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool out_of_range = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return overlong || out_of_range ? 0 : size;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept
{
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    while (!text.empty()) {
        // Eight ASCII characters at once, or what is left of them: names are short.
        const std::size_t size = std::min<std::size_t>(text.size(), 8);
        if ((load_short(text.data(), size) & high_bits) == 0) {
            text.remove_prefix(size);
            continue;
        }
        const std::size_t sequence = sequence_bytes(text);
        if (sequence == 0)
            return false;
        text.remove_prefix(sequence);
    }
    return true;
}

std::string repair_utf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = sequence_bytes(text);
        if (size == 0)
            out += "\xef\xbf\xbd";
        else
            out += text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept
{
    if (text.size() <= bytes_max)
        return text;
    std::size_t end = bytes_max;
    while (end > 0 && is_continuation(text[end]))
        --end;
    return text.substr(0, end);
}

}  // namespace reprise::telemetry
