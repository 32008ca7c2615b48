#include "alarm_text.hpp"

#include "reprise/lifecycle/alarm_rules.hpp"

#include <algorithm>
#include <array>

namespace reprise::lifecycle {
namespace {

constexpr std::size_t decided_chars_max = 200;
constexpr std::size_t lines_max = 400;  // Of one alarm that are looked at.

// Lower case.
constexpr std::array<std::string_view, 11> crash_markers = {
    "traceback (most recent call last)", "uncaught", "unhandled", "fatal error", "process exited", "process crashed",
    "segfault", "segmentation fault", "core dumped", "panic:", "sigsegv",
};

constexpr std::array<std::string_view, 16> caught_markers = {
    "caught error", "caught exception", "caught an error", "caught an exception", "handled error",
    "handled exception", "error handled", "exception handled", "recovered from", "recovered error",
    "swallowed error", "swallowed exception", "ignored error", "ignoring error", "fallback used",
    "retrying after error",
};

bool is_letter(char one) noexcept
{
    return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_';
}

// At the beginning of a word: "uncaught error" is no "caught error".
bool has_marker(std::string_view text, std::string_view marker) noexcept
{
    for (auto at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 1)) {
        if (at == 0 || !is_letter(text[at - 1]))
            return true;
    }
    return false;
}

template <std::size_t Count>
bool has_any(const std::array<std::string_view, Count>& markers, std::string_view text) noexcept
{
    return std::any_of(markers.begin(), markers.end(), [text](auto marker) { return has_marker(text, marker); });
}

// "  at f (file.js:1:2)", "  at file:///x.mjs:1:2", "  File \"x.py\", line 3, in f".
bool is_frame(std::string_view line) noexcept
{
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return false;
    line.remove_prefix(begin);
    if (line.starts_with("File \""))
        return line.find(", line ") != std::string_view::npos;
    if (!line.starts_with("at "))
        return false;
    const auto colon = line.rfind(':');
    return colon != std::string_view::npos && colon + 1 < line.size() && line[colon + 1] >= '0' &&
           line[colon + 1] <= '9';
}

// The level of a log line, in capitals as loggers write it.
bool has_level(std::string_view line) noexcept
{
    constexpr std::array<std::string_view, 3> levels = {"ERROR", "WARN", "WARNING"};
    return std::any_of(levels.begin(), levels.end(), [line](std::string_view level) {
        for (auto at = line.find(level); at != std::string_view::npos; at = line.find(level, at + 1)) {
            const std::size_t end = at + level.size();
            if ((at == 0 || !is_letter(line[at - 1])) && (end >= line.size() || !is_letter(line[end])))
                return true;
        }
        return false;
    });
}

std::string decided_by(std::string_view line)
{
    return std::string(first_chars(collapse_space(line), decided_chars_max));
}

template <class Take>
void for_each_line(std::string_view text, Take take)
{
    for (std::size_t count = 0; !text.empty() && count < lines_max; ++count) {
        const auto end = std::min(text.find('\n'), text.size());
        take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// What the lines of an alarm hold; of each kind the first.
struct findings {
    std::string_view crash;
    std::string_view caught;
    std::string_view level;
    std::string_view frame;
    std::size_t frames = 0;

    void look_at(std::string_view line)
    {
        const std::string low = lower_ascii(line);
        if (crash.empty() && has_any(crash_markers, low))
            crash = line;
        if (caught.empty() && has_any(caught_markers, low))
            caught = line;
        if (level.empty() && has_level(line))
            level = line;
        if (!is_frame(line))
            return;
        ++frames;
        if (frame.empty())
            frame = line;
    }
};

}  // namespace

handling find_handling(const model::alarm& alarm)
{
    constexpr std::size_t frames_of_a_crash = 2;
    findings found;
    found.look_at(alarm.title);
    for_each_line(alarm.description, [&found](std::string_view line) { found.look_at(line); });
    if (!found.crash.empty())
        return {model::handling_class::uncaught, decided_by(found.crash)};
    if (found.frames >= frames_of_a_crash)
        return {model::handling_class::uncaught, decided_by(found.frame)};
    if (alarm.frames.size() >= frames_of_a_crash)
        return {model::handling_class::uncaught, decided_by(alarm.frames.front())};
    if (!found.caught.empty())
        return {model::handling_class::caught, decided_by(found.caught)};
    if (!found.level.empty() && found.frames == 0 && alarm.frames.empty())
        return {model::handling_class::caught, decided_by(found.level)};
    return {};
}

}  // namespace reprise::lifecycle
