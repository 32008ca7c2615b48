#include "block_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace reprise::pipeline {
namespace {

// The kernel pins a write past the page cache page by page; of huge pages it finds one or two where there were
// hundreds. Not for a journal that writes little at once.
constexpr std::size_t huge_page_bytes = 2 * 1024 * 1024;
constexpr std::size_t huge_bytes_min = 256 * 1024;

std::size_t whole(std::size_t bytes, std::size_t unit) noexcept
{
    return (bytes + unit - 1) / unit * unit;
}

std::size_t whole_blocks(std::size_t bytes) noexcept
{
    return whole(bytes, block_buffer::block_bytes);
}

char* allocate(std::size_t bytes)
{
    const bool huge = bytes % huge_page_bytes == 0;
    const std::size_t unit = huge ? huge_page_bytes : block_buffer::block_bytes;
    auto* const made = static_cast<char*>(std::aligned_alloc(unit, bytes));
    if (made == nullptr)
        throw std::bad_alloc();
    if (huge)
        ::madvise(made, bytes, MADV_HUGEPAGE);  // Where there are none, ordinary ones do.
    return made;
}

}  // namespace

char* block_buffer::extend(std::size_t bytes)
{
    const std::size_t wanted = whole_blocks(size_ + bytes);
    if (wanted > capacity_) {
        std::size_t capacity = std::max(wanted, 2 * capacity_);
        if (capacity >= huge_bytes_min)
            capacity = whole(capacity, huge_page_bytes);
        std::unique_ptr<char, freeing> larger(allocate(capacity));
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
