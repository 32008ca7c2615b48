#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace reprise {

using sha256_digest = std::array<unsigned char, 32>;

sha256_digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
sha256_digest hmac_sha256(std::string_view key, std::string_view bytes);

std::string to_hex(std::span<const unsigned char> bytes);
// Empty when the text is not an even number of hex digits.
std::string from_hex(std::string_view text);

std::string to_base64(std::string_view bytes);
// Empty when the text is not base64 (standard alphabet, padding required).
std::string from_base64(std::string_view text);

// From the operating system's generator. Ends the process when that fails: nothing is safe then.
std::string random_bytes(std::size_t count);
// `count` random bytes as 2 x count hex digits.
std::string random_token(std::size_t count);

// Takes the same time wherever the first difference is. Different lengths are unequal.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

// The finaliser of SplitMix64: every bit of the value decides every bit of the result.
constexpr std::uint64_t mix64(std::uint64_t value) noexcept
{
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9ULL;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

// Up to eight bytes as a number, the rest zero. What memcpy of a length known only at run time would do, without
// its call.
inline std::uint64_t load_short(const char* at, std::size_t size) noexcept
{
    const auto byte = [at](std::size_t index) { return std::uint64_t{static_cast<unsigned char>(at[index])}; };
    std::uint64_t word = 0;
    if (size >= sizeof word) {
        std::memcpy(&word, at, sizeof word);
    } else if (size >= 4) {
        std::uint32_t low = 0;
        std::uint32_t high = 0;
        std::memcpy(&low, at, sizeof low);
        std::memcpy(&high, at + size - sizeof high, sizeof high);
        word = low | static_cast<std::uint64_t>(high) << 8 * (size - sizeof high);
    } else if (size > 0) {
        word = byte(0) | byte(size / 2) << 8 * (size / 2) | byte(size - 1) << 8 * (size - 1);
    }
    return word;
}

// A fast 64-bit hash for tables and sampling, the same on every machine and in every version (it is
// stored). Not for anything an attacker may steer into collisions. Inline: most texts are shorter than
// what a call costs.
inline std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) noexcept
{
    __extension__ using uint128 = unsigned __int128;
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
    const auto fold = [](std::uint64_t word) {
        const auto product = static_cast<uint128>(word) * odd;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    std::uint64_t hash = mix64(seed + odd * (bytes.size() + 1));
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8)
        hash = fold(hash ^ load_short(at, 8));
    if (left > 0)
        hash = fold(hash ^ load_short(at, left));
    return mix64(hash);
}

}  // namespace reprise
