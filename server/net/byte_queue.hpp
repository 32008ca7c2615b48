#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace reprise::net {

// Bytes between a socket and a parser, contiguous. Grows from `bytes_min` to `bytes_max`, never beyond.
class byte_queue {
public:
    byte_queue(std::size_t bytes_min, std::size_t bytes_max) : storage_(bytes_min, '\0'), bytes_max_(bytes_max) {}

    std::string_view bytes() const noexcept { return std::string_view(storage_).substr(begin_, end_ - begin_); }
    bool empty() const noexcept { return begin_ == end_; }
    bool is_full() const noexcept { return end_ - begin_ == bytes_max_; }

    // Where to write; empty only when full. commit() what was written.
    std::span<char> prepare()
    {
        if (begin_ > 0 && (end_ == storage_.size() || begin_ == end_)) {
            std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == storage_.size() && end_ < bytes_max_)
            storage_.resize(std::min(storage_.size() * 2, bytes_max_));
        return std::span<char>(storage_).subspan(end_);
    }
    void commit(std::size_t bytes) noexcept { end_ += bytes; }
    void consume(std::size_t bytes) noexcept { begin_ += bytes; }
    void clear() noexcept { begin_ = end_ = 0; }

private:
    std::string storage_;
    std::size_t bytes_max_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace reprise::net
