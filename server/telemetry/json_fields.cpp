#include "json_fields.hpp"

#include "text_class.hpp"
#include "utf8.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace reprise::telemetry {
namespace {

constexpr std::uint32_t replacement_character = 0xfffd;

bool is_white(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t digits_end(std::string_view text, std::size_t at) noexcept
{
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return at;
}

// How many bytes at the beginning are a number; 0 for none.
std::size_t match_number(std::string_view text) noexcept
{
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const std::size_t whole = digits_end(text, at);
    if (whole == at || (text[at] == '0' && whole > at + 1))
        return 0;
    at = whole;
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = digits_end(text, at + 1);
        if (end == at + 1)
            return 0;
        at = end;
    }
    if (at < text.size() && to_lower(text[at]) == 'e') {
        const bool has_sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
        const std::size_t begin = at + (has_sign ? 2U : 1U);
        const std::size_t end = digits_end(text, begin);
        if (end == begin)
            return 0;
        at = end;
    }
    return at;
}

std::string_view match_word(std::string_view text) noexcept
{
    for (const std::string_view word : {"true", "false", "null"}) {
        if (text.starts_with(word))
            return word;
    }
    return {};
}

field_type type_of_word(std::string_view word) noexcept
{
    return word == "null" ? field_type::null : field_type::boolean;
}

std::uint32_t hex_value(std::string_view digits) noexcept
{
    std::uint32_t value = 0;
    for (const char c : digits)
        value = value * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
    return value;
}

bool is_hex4(std::string_view text) noexcept
{
    return text.size() >= 4 && std::all_of(text.begin(), text.begin() + 4, is_hex);
}

void append_utf8(std::string& out, std::uint32_t point)
{
    const auto tail = [point](unsigned shift) { return static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out.append({static_cast<char>(0xc0U | (point >> 6)), tail(0)});
    } else if (point < 0x10000) {
        out.append({static_cast<char>(0xe0U | (point >> 12)), tail(6), tail(0)});
    } else {
        out.append({static_cast<char>(0xf0U | (point >> 18)), tail(12), tail(6), tail(0)});
    }
}

// \uXXXX at `at` (the 'u'), with its other half when it has one. Leaves `at` at the last character read.
std::uint32_t take_escaped_point(std::string_view inside, std::size_t& at)
{
    const std::uint32_t point = hex_value(inside.substr(at + 1, 4));
    at += 4;
    const bool is_high = point >= 0xd800 && point < 0xdc00;
    if (is_high && inside.substr(at + 1, 2) == "\\u") {
        const std::uint32_t low = hex_value(inside.substr(at + 3, 4));
        if (low >= 0xdc00 && low < 0xe000) {
            at += 6;
            return 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return point >= 0xd800 && point < 0xe000 ? replacement_character : point;
}

// Of what stands between quotes and is well formed.
std::string unescaped(std::string_view inside)
{
    if (inside.find('\\') == std::string_view::npos)
        return std::string(inside);
    std::string out;
    out.reserve(inside.size());
    for (std::size_t at = 0; at < inside.size(); ++at) {
        if (inside[at] != '\\') {
            out += inside[at];
            continue;
        }
        switch (inside[++at]) {
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u': append_utf8(out, take_escaped_point(inside, at)); break;
        default: out += inside[at];
        }
    }
    return out;
}

class json_field_scan {
public:
    json_field_scan(std::string_view text, field_list& out) : text_(text), out_(out) {}

    std::optional<decode_error> run()
    {
        take_value();
        while (reason_ == nullptr && !frames_.empty())
            step();
        skip_white();
        if (reason_ == nullptr && at_ != text_.size())
            fail("something follows the value");
        if (reason_ == nullptr)
            return std::nullopt;
        return decode_error{at_, reason_};
    }

private:
    struct frame {
        bool object = false;
        bool first = true;
        std::size_t index = 0;
        std::size_t path_bytes = 0;  // Of the container's own path.
    };

    void fail(const char* reason) noexcept
    {
        if (reason_ == nullptr)
            reason_ = at_ < text_.size() ? reason : "the text ends in the middle of a value";
    }

    void skip_white() noexcept
    {
        while (at_ < text_.size() && is_white(text_[at_]))
            ++at_;
    }

    bool take(char wanted) noexcept
    {
        skip_white();
        if (at_ >= text_.size() || text_[at_] != wanted)
            return false;
        ++at_;
        return true;
    }

    // The next member or item of the innermost container, or its end.
    void step()
    {
        frame& top = frames_.back();
        path_.resize(top.path_bytes);
        if (!std::exchange(top.first, false)) {
            if (take(top.object ? '}' : ']')) {
                frames_.pop_back();
                return;
            }
            if (!take(','))
                return fail("a comma or the end of the list was expected here");
        }
        if (!top.object) {
            append_path_part(path_, std::to_string(top.index++));
        } else {
            skip_white();
            const auto key = take_string();
            if (!key)
                return;
            append_path_part(path_, unescaped(*key));
            if (!take(':'))
                return fail("a colon was expected here");
        }
        take_value();
    }

    void take_value()
    {
        skip_white();
        const std::size_t begin = at_;
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (c == '{' || c == '[')
            return open(c);
        if (c == '"') {
            if (const auto inside = take_string())
                out_.add(path_, text_.substr(begin, at_ - begin), unescaped(*inside), field_type::text);
            return;
        }
        const std::string_view word = match_word(text_.substr(begin));
        const std::size_t size = word.empty() ? match_number(text_.substr(begin)) : word.size();
        if (size == 0)
            return fail("a value was expected here");
        at_ += size;
        const std::string_view raw = text_.substr(begin, size);
        out_.add(path_, raw, std::string(raw), word.empty() ? field_type::number : type_of_word(word));
    }

    void open(char c)
    {
        const std::size_t begin = at_;
        const bool object = c == '{';
        const field_type type = object ? field_type::object : field_type::array;
        if (frames_.size() == body_depth_max) {
            if (skip_nested())
                out_.add_nested(path_, text_.substr(begin, at_ - begin), type);
            return;
        }
        ++at_;
        if (take(object ? '}' : ']'))
            out_.add(path_, text_.substr(begin, at_ - begin), object ? "{}" : "[]", type);
        else
            frames_.push_back({object, true, 0, path_.size()});
    }

    // What stands between the quotes, all escapes checked.
    std::optional<std::string_view> take_string()
    {
        if (at_ >= text_.size() || text_[at_] != '"') {
            fail("a text in quotes was expected here");
            return std::nullopt;
        }
        const std::size_t begin = ++at_;
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (static_cast<unsigned char>(text_[at_]) < ' ') {
                fail("a control character stands in a text");
                return std::nullopt;
            }
            if (text_[at_] == '\\' && !skip_escape()) {
                fail("an escape is none that JSON knows");
                return std::nullopt;
            }
        }
        if (at_ >= text_.size()) {
            fail("");
            return std::nullopt;
        }
        return text_.substr(begin, at_++ - begin);
    }

    // Leaves at_ at the last character of the escape.
    bool skip_escape() noexcept
    {
        constexpr std::string_view simple = "\"\\/bfnrt";
        const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (c == 'u' && is_hex4(text_.substr(at_ + 2))) {
            at_ += 5;
            return true;
        }
        if (c == '\0' || simple.find(c) == std::string_view::npos)
            return false;
        ++at_;
        return true;
    }

    // To the bracket that closes this one; what is inside is only matched by quotes and the number of brackets.
    bool skip_nested()
    {
        std::size_t depth = 0;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                if (!take_string())
                    return false;
                --at_;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                ++at_;
                return true;
            }
        }
        fail("");
        return false;
    }

    std::string_view text_;
    field_list& out_;
    std::size_t at_ = 0;
    std::string path_;
    std::vector<frame> frames_;
    const char* reason_ = nullptr;
};

}  // namespace

std::optional<decode_error> list_json_fields(std::string_view text, field_list& out)
{
    return json_field_scan(text, out).run();
}

bool is_json_literal(std::string_view text) noexcept
{
    return !text.empty() && (match_number(text) == text.size() || match_word(text) == text);
}

std::string quoted_json(std::string_view text)
{
    return boost::json::serialize(boost::json::string(repair_utf8(text)));
}

}  // namespace reprise::telemetry
