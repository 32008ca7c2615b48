#pragma once

#include <string>
#include <utility>

namespace reprise {

// A text that must not be seen: it has no operator<<, cannot be compared or copied by accident, and its memory is
// overwritten when it goes. reveal() marks the few places that need the text itself. Like std::string as to threads.
class secret {
public:
    secret() = default;
    // Takes the text; what a short one left behind in `text` is overwritten, too.
    explicit secret(std::string&& text) noexcept : text_(std::move(text)) { wipe(text); }
    ~secret() { wipe(text_); }
    secret(secret&& other) noexcept : secret(std::move(other.text_)) {}
    secret& operator=(secret&& other) noexcept
    {
        if (this != &other) {
            wipe(text_);
            text_ = std::move(other.text_);
            wipe(other.text_);
        }
        return *this;
    }
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;

    secret copy() const { return secret(std::string(text_)); }
    bool empty() const noexcept { return text_.empty(); }
    const std::string& reveal() const noexcept { return text_; }

private:
    static void wipe(std::string& text) noexcept
    {
        // Through volatile, or the compiler leaves out what nobody reads any more. A moved-from text has its
        // first bytes in place only.
        volatile char* at = text.data();
        for (std::size_t i = 0; i < text.capacity(); ++i)
            at[i] = '\0';
        text.clear();
    }

    std::string text_;
};

}  // namespace reprise
