#pragma once

#include "reprise/telemetry/error.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace reprise::telemetry {

// Walks over JSON text without building values, so that a long list can be taken item by item. Values
// that are skipped are only matched by their brackets and quotes; who wants one parses its text. After
// an error nothing is taken any more. The text must outlive the cursor.
class json_cursor {
public:
    explicit json_cursor(std::string_view text) noexcept : text_(text) {}

    // The next character that is no white space, 0 at the end.
    char peek() noexcept;
    bool take(char wanted) noexcept;
    // `wanted` or an error that says what was expected.
    bool expect(char wanted) noexcept;
    // What stands between the quotes, escapes and all.
    std::optional<std::string_view> take_string() noexcept;
    // The whole text of the next value, nested at most json_depth_max deep.
    std::optional<std::string_view> take_value() noexcept;
    // Calls visit(key) for each member of an object; visit must take the value. Stops at an error.
    template <class Visit>
    bool for_each_member(Visit visit);
    // Calls visit() for each item of an array; visit must take it.
    template <class Visit>
    bool for_each_item(Visit visit);

    bool at_end() noexcept { return peek() == '\0' && at_ == text_.size(); }
    std::size_t offset() const noexcept { return at_; }
    bool failed() const noexcept { return reason_ != nullptr; }
    decode_error error() const { return {at_, reason_ == nullptr ? "" : reason_}; }
    void fail(const char* reason) noexcept;

private:
    bool skip_string() noexcept;
    bool skip_nested() noexcept;

    std::string_view text_;
    std::size_t at_ = 0;
    const char* reason_ = nullptr;
};

template <class Visit>
bool json_cursor::for_each_member(Visit visit)
{
    if (!expect('{'))
        return false;
    for (bool first = true; !take('}'); first = false) {
        if (!first && !expect(','))
            return false;
        const auto key = take_string();
        if (!key || !expect(':'))
            return false;
        visit(*key);
        if (failed())
            return false;
    }
    return true;
}

template <class Visit>
bool json_cursor::for_each_item(Visit visit)
{
    if (!expect('['))
        return false;
    for (bool first = true; !take(']'); first = false) {
        if (!first && !expect(','))
            return false;
        visit();
        if (failed())
            return false;
    }
    return true;
}

}  // namespace reprise::telemetry
