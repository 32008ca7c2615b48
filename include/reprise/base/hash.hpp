#pragma once

#include <array>
#include <cstdint>
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

// A fast 64-bit hash for tables and sampling, the same on every machine and in every version (it is
// stored). Not for anything an attacker may steer into collisions.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) noexcept;
std::uint64_t mix64(std::uint64_t value) noexcept;

}  // namespace reprise
