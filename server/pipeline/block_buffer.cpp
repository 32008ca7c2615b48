#include "block_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace reprise::pipeline {
namespace {

std::size_t whole_blocks(std::size_t bytes) noexcept
{
    constexpr std::size_t block = block_buffer::block_bytes;
    return (bytes + block - 1) / block * block;
}

}  // namespace

char* block_buffer::extend(std::size_t bytes)
{
    const std::size_t wanted = whole_blocks(size_ + bytes);
    if (wanted > capacity_) {
        const std::size_t capacity = std::max(wanted, 2 * capacity_);
        std::unique_ptr<char, freeing> larger(static_cast<char*>(std::aligned_alloc(block_bytes, capacity)));
        if (!larger)
            throw std::bad_alloc();
        if (size_ > 0)
            std::memcpy(larger.get(), memory_.get(), size_);
        memory_ = std::move(larger);
        capacity_ = capacity;
    }
    char* const at = memory_.get() + size_;
    size_ += bytes;
    return at;
}

std::string_view block_buffer::blocks() noexcept
{
    const std::size_t end = whole_blocks(size_);
    if (end > size_)
        std::memset(memory_.get() + size_, 0, end - size_);
    return {memory_.get(), end};
}

std::size_t block_buffer::keep_tail() noexcept
{
    const std::size_t whole = size_ / block_bytes * block_bytes;
    kept_ = size_ - whole;
    if (whole > 0 && kept_ > 0)
        std::memcpy(memory_.get(), memory_.get() + whole, kept_);
    size_ = kept_;
    return whole;
}

}  // namespace reprise::pipeline
