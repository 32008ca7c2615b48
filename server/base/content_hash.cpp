#include "reprise/base/content_hash.hpp"

#if __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>  // Calls below take the widest instructions that the processor has.
#else
#include <xxhash.h>
#endif

#include <array>

namespace reprise {
namespace {

// The library looks for them at the first call, without a lock; this is before there are threads.
[[maybe_unused]] const std::uint64_t looked = [] {
    constexpr std::array<char, 1024> zeros{};
    const std::string_view text(zeros.data(), zeros.size());
    return hash_content(text, 1).low ^ checksum(text) ^ checksum(text, 1);
}();

}  // namespace

content_hash hash_content(std::string_view bytes, std::uint64_t seed) noexcept
{
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {hash.high64, hash.low64};
}

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) noexcept
{
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace reprise
