#pragma once

#include <cstddef>
#include <string_view>

// How many bytes at the beginning of `text` have a certain form; 0 when it begins otherwise. The
// caller makes sure that a word begins there.
namespace reprise::telemetry {

std::size_t match_jwt(std::string_view text) noexcept;        // Three base64url parts, the first "eyJ...".
std::size_t match_timestamp(std::string_view text) noexcept;  // Date, or date and time of RFC 3339.
std::size_t match_uuid(std::string_view text) noexcept;
std::size_t match_email(std::string_view text) noexcept;
std::size_t match_ipv4(std::string_view text) noexcept;
std::size_t match_ipv6(std::string_view text) noexcept;       // With a digit in it: a::b is a name in code.

}  // namespace reprise::telemetry
