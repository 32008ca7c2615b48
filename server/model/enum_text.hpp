#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <optional>
#include <string_view>

namespace reprise::model {

// Names of an enum whose values count up from zero, in the order of the values.
template <std::size_t Count, class Enum>
std::string_view enum_text(const std::array<std::string_view, Count>& texts, Enum value) noexcept
{
    const auto index = static_cast<std::size_t>(value);
    assert(index < Count);
    return texts[index];
}

template <class Enum, std::size_t Count>
std::optional<Enum> find_enum(const std::array<std::string_view, Count>& texts, std::string_view text) noexcept
{
    for (std::size_t index = 0; index < Count; ++index) {
        if (texts[index] == text)
            return static_cast<Enum>(index);
    }
    return std::nullopt;
}

}  // namespace reprise::model
