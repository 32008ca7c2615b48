#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The Markdown that our templates write, taken apart for trackers that speak something else: headings, paragraphs,
// lists of one level, tables, code blocks, rules; code, strong text and <links> within lines. Everything else, and
// so whatever hostile text pretends to be, is text. Pure.
namespace reprise::forge {

enum class span_kind : std::uint8_t { text, code, strong, link };

struct span {
    span_kind kind = span_kind::text;
    std::string text;  // As it is read: without escapes.
};

using spans = std::vector<span>;

enum class block_kind : std::uint8_t { heading, paragraph, list, table, code, rule };

struct block {
    block_kind kind = block_kind::paragraph;
    int level = 0;                        // Of a heading, from 1.
    std::string language;                 // Of code.
    std::string code;
    std::vector<spans> lines;             // One of headings and paragraphs, one per item of a list.
    std::vector<std::vector<spans>> rows; // Of a table; the first is its header.
};

constexpr std::size_t blocks_max = 2'000;  // Further ones become one code block.

std::vector<block> parse_markdown(std::string_view text);

}  // namespace reprise::forge
