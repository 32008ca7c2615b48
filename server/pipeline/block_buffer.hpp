#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace reprise::pipeline {

// Bytes on their way to a file that is written in whole blocks. What does not fill the last block stays,
// to be written again with what follows. The memory is aligned to blocks, as a write past the page cache
// wants it; it grows to what was ever waiting at once.
class block_buffer {
public:
    static constexpr std::size_t block_bytes = 4096;

    // That much more room at the end, with anything in it.
    char* extend(std::size_t bytes);

    // What is new since keep_tail().
    std::size_t fresh_bytes() const noexcept { return size_ - kept_; }

    // Everything, and zeros up to the end of the last block.
    std::string_view blocks() noexcept;

    // Forgets the whole blocks; returns how many bytes those were.
    std::size_t keep_tail() noexcept;

    void clear() noexcept { size_ = kept_ = 0; }

private:
    struct freeing {
        void operator()(char* memory) const noexcept { std::free(memory); }
    };

    std::unique_ptr<char, freeing> memory_;
    std::size_t capacity_ = 0;  // Whole blocks.
    std::size_t size_ = 0;
    std::size_t kept_ = 0;      // Of the beginning: written already.
};

}  // namespace reprise::pipeline
