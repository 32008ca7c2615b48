#include "marker.hpp"

#include "reprise/base/clock.hpp"
#include "reprise/base/hash.hpp"
#include "reprise/base/ulid_time.hpp"

#include <algorithm>
#include <utility>

namespace reprise::forge {
namespace {

constexpr std::string_view marker_start = "reprise-effect:";
constexpr std::size_t ulid_size = 26;

}  // namespace

std::string marker_of(const effect& wanted)
{
    return std::string(marker_start) + wanted.key + ":" + wanted.content_hash;
}

std::optional<std::string> find_marker(std::string_view text, std::string_view key)
{
    const std::string start = std::string(marker_start) + std::string(key) + ":";
    const auto at = text.find(start);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = text.substr(at + start.size());
    return std::string(rest.substr(0, rest.find_first_not_of("0123456789abcdef")));
}

std::string without_markers(std::string_view text)
{
    std::string out(text);
    for (auto at = out.find(marker_start); at != std::string::npos; at = out.find(marker_start, at + 1))
        out[at + marker_start.find('-')] = ' ';
    return out;
}

published_effect adopt(const effect& wanted, std::string url, std::string_view content_hash)
{
    published_effect there;
    there.url = std::move(url);
    there.adopted = true;
    there.same_content = content_hash == wanted.content_hash;
    return there;
}

std::optional<std::int64_t> find_key_time_ns(std::string_view key) noexcept
{
    const auto ms = find_ulid_time_ms(key.substr(0, std::min(key.size(), ulid_size)));
    constexpr std::uint64_t ms_max = INT64_MAX / ns_per_ms;
    if (!ms || *ms > ms_max)
        return std::nullopt;
    return static_cast<std::int64_t>(*ms) * ns_per_ms;
}

std::string uuid_of(std::string_view text)
{
    sha256_digest digest = sha256(text);
    digest[6] = static_cast<unsigned char>((digest[6] & 0x0FU) | 0x40U);
    digest[8] = static_cast<unsigned char>((digest[8] & 0x3FU) | 0x80U);
    std::string hex = to_hex(digest).substr(0, 32);
    for (const std::size_t at : {8U, 13U, 18U, 23U})
        hex.insert(at, "-");
    return hex;
}

}  // namespace reprise::forge
