#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise::telemetry {

// A number that fills the whole text ("12.5", "-3"); nullopt for anything else.
template <class Number>
std::optional<Number> find_number(std::string_view text) noexcept
{
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [stopped, code] = std::from_chars(text.data(), end, value);
    if (code != std::errc() || stopped != end || text.empty())
        return std::nullopt;
    return value;
}

}  // namespace reprise::telemetry
