#pragma once

#include "reprise/model/exchange.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The outer form of an RRPair Markdown file. Views into the text.
namespace reprise::telemetry {

constexpr std::size_t markdown_sections_max = 32;  // Further ones are not looked at.
constexpr std::size_t section_fences_max = 8;

struct markdown_section {
    std::string_view name;                 // "REQUEST", "RESPONSE (MOCK)"; empty before the first heading.
    std::vector<std::string_view> fences;  // Their contents without the last line end.
    bool is(std::string_view wanted) const noexcept;
};

// Headings inside fences are none. A fence that is never closed is left out.
std::vector<markdown_section> split_sections(std::string_view text);

const markdown_section* find_section(const std::vector<markdown_section>& sections, std::string_view name);

// Takes the first line off `text`, without its line end.
std::string_view take_line(std::string_view& text);

// A raw HTTP message without its first line.
struct raw_message {
    model::header_list headers;
    std::optional<std::string_view> body;  // Behind an empty line.
};

// `escaped`: values of one header are joined by ", " and a comma inside a value is "\,".
raw_message split_message(std::string_view text, bool escaped);

// The other way: "a\, b" of "a, b".
std::string escape_value(std::string_view value);

// The text without white space between the values of JSON; the text itself where it is no JSON.
std::string compact_json(std::string_view text);

// "21ms", "1.5s", "2m3s" in milliseconds.
std::optional<double> find_duration_ms(std::string_view text);

}  // namespace reprise::telemetry
