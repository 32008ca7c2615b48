#pragma once

#include <algorithm>
#include <string_view>

namespace reprise::replay {

// Names of headers are compared without case, whatever the locale.
inline bool is_same_name(std::string_view a, std::string_view b) noexcept
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace reprise::replay
