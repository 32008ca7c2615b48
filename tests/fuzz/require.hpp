#pragma once

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace reprise::fuzz {

// Something that must hold for every input does not. libFuzzer reports it as a crash, the corpus test
// as a failure.
struct broken_property : std::logic_error {
    using std::logic_error::logic_error;
};

// Bytes that no terminal shows as \xNN.
inline std::string shown(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        char code[5];
        std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += c >= ' ' && c < '\x7f' ? std::string(1, c) : code;
    }
    return out;
}

inline void require(bool holds, std::string_view what)
{
    if (!holds)
        throw broken_property(shown(what));
}

// Shows both from shortly before they differ.
inline void require_same(std::string_view a, std::string_view b, std::string_view what)
{
    if (a == b)
        return;
    constexpr std::size_t before = 40;
    constexpr std::size_t shown_max = 200;
    const auto first = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
    const auto differs = static_cast<std::size_t>(first - a.begin());
    const std::size_t from = differs - std::min(differs, before);
    throw broken_property(
        shown(what) + " at byte " + std::to_string(differs) + ":\n  " + shown(a.substr(from, shown_max)) + "\n  " +
        shown(b.substr(from, shown_max))
    );
}

}  // namespace reprise::fuzz
