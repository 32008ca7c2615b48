#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Masks and cuts for texts of alarms. Every function is linear in its text.
namespace reprise::lifecycle {

constexpr char mask_mark = '#';

struct mask_rules {
    std::size_t hex_digits_min = 16;
    bool ids_and_times = true;  // UUIDs and ISO times, as a whole.
};

// Replaces what the rules name, and numbers that stand alone, by one mark each.
std::string mask_varying(std::string_view text, const mask_rules& rules);

// Runs of white space become one blank, none at the ends.
std::string collapse_space(std::string_view text);

// The first `count` characters; never cuts one of several bytes.
std::string_view first_chars(std::string_view text, std::size_t count) noexcept;

// The first line that is not blank.
std::string_view first_line(std::string_view text) noexcept;

std::string lower_ascii(std::string_view text);
std::string upper_ascii(std::string_view text);

}  // namespace reprise::lifecycle
