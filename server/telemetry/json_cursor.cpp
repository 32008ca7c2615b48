#include "json_cursor.hpp"

#include "reprise/telemetry/rrpair.hpp"

#include <array>

namespace reprise::telemetry {
namespace {

bool is_white(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_scalar(char c) noexcept
{
    return c == '-' || c == '+' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

}  // namespace

void json_cursor::fail(const char* reason) noexcept
{
    if (reason_ == nullptr)
        reason_ = reason;
}

char json_cursor::peek() noexcept
{
    if (failed())
        return '\0';
    while (at_ < text_.size() && is_white(text_[at_]))
        ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
}

bool json_cursor::take(char wanted) noexcept
{
    if (peek() != wanted || at_ == text_.size())
        return false;
    ++at_;
    return true;
}

bool json_cursor::expect(char wanted) noexcept
{
    if (take(wanted))
        return true;
    if (at_ == text_.size())
        fail("the text ends in the middle of a value");
    switch (wanted) {
    case '{': fail("an object was expected here"); break;
    case '[': fail("an array was expected here"); break;
    case ':': fail("a colon was expected here"); break;
    default: fail("a comma or the end of the list was expected here"); break;
    }
    return false;
}

std::optional<std::string_view> json_cursor::take_string() noexcept
{
    if (peek() != '"') {
        fail(at_ == text_.size() ? "the text ends in the middle of a value" : "a text in quotes was expected here");
        return std::nullopt;
    }
    const std::size_t begin = at_ + 1;
    if (!skip_string())
        return std::nullopt;
    return text_.substr(begin, at_ - 1 - begin);
}

std::optional<std::string_view> json_cursor::take_value() noexcept
{
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"') {
        if (!skip_string())
            return std::nullopt;
    } else if (first == '{' || first == '[') {
        if (!skip_nested())
            return std::nullopt;
    } else {
        while (at_ < text_.size() && is_scalar(text_[at_]))
            ++at_;
        if (at_ == begin)
            fail(at_ == text_.size() ? "the text ends in the middle of a value" : "a value was expected here");
    }
    if (failed())
        return std::nullopt;
    return text_.substr(begin, at_ - begin);
}

bool json_cursor::skip_string() noexcept
{
    for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
        if (text_[at] == '\\') {
            ++at;
        } else if (text_[at] == '"') {
            at_ = at + 1;
            return true;
        }
    }
    at_ = text_.size();
    fail("the text ends inside quotes");
    return false;
}

bool json_cursor::skip_nested() noexcept
{
    std::array<char, json_depth_max> closing{};
    std::size_t depth = 0;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '"') {
            if (!skip_string())
                return false;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth == closing.size()) {
                fail("values are nested too deeply");
                return false;
            }
            closing[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (closing[depth - 1] != c) {
                fail("a bracket closes what was not opened");
                return false;
            }
            if (--depth == 0) {
                ++at_;
                return true;
            }
        }
        ++at_;
    }
    fail("the text ends in the middle of a value");
    return false;
}

}  // namespace reprise::telemetry
