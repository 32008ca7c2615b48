#pragma once

#include "reprise/net/webhook_signature.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

// What the forms of signatures share.
namespace reprise::net {

inline std::string_view trimmed(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The text before the mark, or all of it; `text` keeps what is behind.
inline std::string_view take_until(std::string_view& text, char mark) noexcept
{
    const auto end = text.find(mark);
    const std::string_view head = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return head;
}

// Whole seconds since 1970, as nanoseconds. Digits alone, and few enough to fit.
inline std::optional<std::int64_t> find_seconds(std::string_view text) noexcept
{
    constexpr std::int64_t seconds_max = 9'000'000'000;
    std::int64_t seconds = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || stop != end || seconds < 0 || seconds > seconds_max)
        return std::nullopt;
    return seconds * ns_per_s;
}

inline bool is_near(std::int64_t time_ns, std::int64_t now_ns) noexcept
{
    return time_ns >= now_ns - signed_time_tolerance_ns && time_ns <= now_ns + signed_time_tolerance_ns;
}

}  // namespace reprise::net
