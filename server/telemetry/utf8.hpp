#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reprise::telemetry {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

// Every byte that is no part of a sequence becomes U+FFFD.
std::string repair_utf8(std::string_view text);

// The longest prefix of at most `bytes_max` bytes that does not end inside a sequence.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept;

}  // namespace reprise::telemetry
