#include "markdown_blocks.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace reprise::forge {
namespace {

constexpr std::string_view punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

std::string_view take_line(std::string_view& rest)
{
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return line;
}

std::string_view peek_line(std::string_view rest)
{
    return rest.substr(0, rest.find('\n'));
}

std::size_t count_of(std::string_view line, char one)
{
    const auto end = line.find_first_not_of(one);
    return end == std::string_view::npos ? line.size() : end;
}

bool is_fence(std::string_view line)
{
    return count_of(line, '`') >= 3;
}

bool is_heading(std::string_view line)
{
    const std::size_t level = count_of(line, '#');
    return level >= 1 && level <= 6 && line.size() > level && line[level] == ' ';
}

bool is_row(std::string_view line)
{
    return line.size() >= 2 && line.front() == '|' && line.ends_with('|');
}

bool begins_block(std::string_view line)
{
    return line.empty() || is_fence(line) || is_heading(line) || is_row(line) || line.starts_with("- ") ||
           line == "---" || line.starts_with("<!-- ");
}

class span_reader {
public:
    explicit span_reader(std::string_view text) : text_(text) {}

    spans read()
    {
        while (at_ < text_.size()) {
            const char one = text_[at_];
            if (one == '\\' && at_ + 1 < text_.size() && punctuation.find(text_[at_ + 1]) != std::string_view::npos) {
                plain_ += text_[at_ + 1];
                at_ += 2;
            } else if (!read_code() && !read_strong() && !read_link()) {
                plain_ += one;
                ++at_;
            }
        }
        flush();
        return std::move(read_);
    }

private:
    bool read_code()
    {
        const std::size_t ticks = count_of(text_.substr(at_), '`');
        if (ticks == 0)
            return false;
        const std::string fence(ticks, '`');
        const auto end = text_.find(fence, at_ + ticks);
        if (end == std::string_view::npos || end == at_ + ticks)
            return false;
        add(span_kind::code, std::string(text_.substr(at_ + ticks, end - at_ - ticks)));
        at_ = end + ticks;
        return true;
    }

    bool read_strong()
    {
        if (text_.substr(at_, 2) != "**")
            return false;
        const auto end = text_.find("**", at_ + 2);
        if (end == std::string_view::npos || end == at_ + 2)
            return false;
        add(span_kind::strong, std::string(text_.substr(at_ + 2, end - at_ - 2)));
        at_ = end + 2;
        return true;
    }

    bool read_link()
    {
        const std::string_view rest = text_.substr(at_);
        if (!rest.starts_with("<http://") && !rest.starts_with("<https://"))
            return false;
        const auto end = rest.find_first_of("> <", 1);
        if (end == std::string_view::npos || rest[end] != '>')
            return false;
        add(span_kind::link, std::string(rest.substr(1, end - 1)));
        at_ += end + 1;
        return true;
    }

    void add(span_kind kind, std::string text)
    {
        flush();
        read_.push_back({kind, std::move(text)});
    }

    void flush()
    {
        if (!plain_.empty())
            read_.push_back({span_kind::text, std::exchange(plain_, {})});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string plain_;
    spans read_;
};

spans read_spans(std::string_view text)
{
    return span_reader(text).read();
}

// A cell ends at a '|' that is neither escaped nor in code.
std::vector<spans> read_row(std::string_view line)
{
    std::vector<spans> cells;
    std::string_view rest = line.substr(1);
    std::size_t at = 0;
    bool in_code = false;
    while (at < rest.size()) {
        if (rest[at] == '\\' && !in_code) {
            at += 2;
            continue;
        }
        if (rest[at] == '`')
            in_code = !in_code;
        if (rest[at] != '|' || in_code) {
            ++at;
            continue;
        }
        std::string_view cell = rest.substr(0, at);
        while (cell.starts_with(' '))
            cell.remove_prefix(1);
        while (cell.ends_with(' '))
            cell.remove_suffix(1);
        cells.push_back(read_spans(cell));
        rest.remove_prefix(at + 1);
        at = 0;
    }
    return cells;
}

bool is_separator(std::string_view line)
{
    return is_row(line) && line.find_first_not_of("|-: ") == std::string_view::npos;
}

block read_code_block(std::string_view first, std::string_view& rest)
{
    block made;
    made.kind = block_kind::code;
    const std::size_t length = count_of(first, '`');
    made.language = std::string(first.substr(length));
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (count_of(line, '`') == line.size() && line.size() >= length)
            break;
        if (!made.code.empty())
            made.code += '\n';
        made.code += line;
    }
    return made;
}

block read_table(std::string_view first, std::string_view& rest)
{
    block made;
    made.kind = block_kind::table;
    made.rows.push_back(read_row(first));
    while (is_row(peek_line(rest))) {
        const std::string_view line = take_line(rest);
        if (!is_separator(line))
            made.rows.push_back(read_row(line));
    }
    return made;
}

block read_list(std::string_view first, std::string_view& rest)
{
    block made;
    made.kind = block_kind::list;
    made.lines.push_back(read_spans(first.substr(2)));
    while (peek_line(rest).starts_with("- "))
        made.lines.push_back(read_spans(take_line(rest).substr(2)));
    return made;
}

block read_paragraph(std::string_view first, std::string_view& rest)
{
    std::string text(first);
    while (!rest.empty() && !begins_block(peek_line(rest)))
        text.append(" ").append(take_line(rest));
    block made;
    made.lines.push_back(read_spans(text));
    return made;
}

std::optional<block> read_block(std::string_view& rest)
{
    const std::string_view line = take_line(rest);
    if (line.empty() || line.starts_with("<!-- "))
        return std::nullopt;
    block made;
    if (is_fence(line))
        return read_code_block(line, rest);
    if (is_row(line))
        return read_table(line, rest);
    if (line.starts_with("- "))
        return read_list(line, rest);
    if (line == "---") {
        made.kind = block_kind::rule;
        return made;
    }
    if (!is_heading(line))
        return read_paragraph(line, rest);
    made.kind = block_kind::heading;
    made.level = static_cast<int>(count_of(line, '#'));
    made.lines.push_back(read_spans(line.substr(static_cast<std::size_t>(made.level) + 1)));
    return made;
}

}  // namespace

std::vector<block> parse_markdown(std::string_view text)
{
    std::vector<block> blocks;
    while (!text.empty()) {
        if (blocks.size() == blocks_max) {
            block rest;
            rest.kind = block_kind::code;
            rest.code = std::string(text);
            blocks.push_back(std::move(rest));
            break;
        }
        if (auto one = read_block(text))
            blocks.push_back(std::move(*one));
    }
    return blocks;
}

}  // namespace reprise::forge
