#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Foreign text as harmless Markdown. Whatever goes in, what comes out is valid UTF-8 without control
// characters; direction overrides and invisible characters are shown as \u{202e}; what is over the
// limit is cut at a character and says how much is missing.
namespace reprise::forge {

// Lines stay lines, tabs stay tabs.
std::string clean_text(std::string_view text, std::size_t bytes_max);
// The same on one line.
std::string clean_line(std::string_view text, std::size_t bytes_max);

// Text in a sentence or a table cell: no markup, no HTML, no link, mention or issue reference.
std::string plain(std::string_view text, std::size_t bytes_max);

// `text` in code type within a line (not for table cells). Back quotes become straight quotes.
std::string code(std::string_view text, std::size_t bytes_max);

// Whether `text[at]` is the '-' of a ticket's key in running text ("ENG-12", "gh-1"), which trackers make links of.
bool joins_key(std::string_view text, std::size_t at) noexcept;

// A fenced block that the text cannot end.
std::string fenced(std::string_view language, std::string_view text, std::size_t bytes_max);

}  // namespace reprise::forge
