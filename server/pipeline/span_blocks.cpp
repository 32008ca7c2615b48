#include "span_blocks.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace reprise::pipeline {

span_blocks::span_blocks(std::size_t bytes_max)
    : blocks_max_(std::max<std::size_t>(bytes_max / block_bytes / slab_blocks, 1) * slab_blocks)
{
    next_.reserve(blocks_max_);
    slabs_.reserve(blocks_max_ / slab_blocks);
}

std::uint32_t span_blocks::take()
{
    if (free_ == none) {
        assert(next_.size() < blocks_max_);
        slabs_.push_back(std::make_unique_for_overwrite<char[]>(slab_blocks * block_bytes));
        const auto begin = static_cast<std::uint32_t>(next_.size());
        for (std::uint32_t i = 0; i < slab_blocks; ++i)
            next_.push_back(i + 1 < slab_blocks ? begin + i + 1 : none);
        free_ = begin;
    }
    const std::uint32_t block = free_;
    free_ = next_[block];
    next_[block] = none;
    ++used_;
    return block;
}

bool span_blocks::append(chain& to, std::initializer_list<std::string_view> pieces)
{
    std::size_t bytes = 0;
    for (const std::string_view piece : pieces)
        bytes += piece.size();
    const std::size_t in_last = to.bytes % block_bytes;
    const std::size_t room = to.empty() || in_last == 0 ? 0 : block_bytes - in_last;
    const std::size_t wanted = bytes <= room ? 0 : (bytes - room + block_bytes - 1) / block_bytes;
    if (used_ + wanted > blocks_max_ || bytes > UINT32_MAX - to.bytes)
        return false;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            const std::size_t at = to.bytes % block_bytes;
            if (at == 0) {
                const std::uint32_t block = take();
                (to.empty() ? to.first : next_[to.last]) = block;
                to.last = block;
            }
            const std::size_t part = std::min(piece.size(), block_bytes - at);
            std::memcpy(data(to.last) + at, piece.data(), part);
            to.bytes += static_cast<std::uint32_t>(part);
            piece.remove_prefix(part);
        }
    }
    return true;
}

void span_blocks::release(chain& from) noexcept
{
    if (from.empty())
        return;
    used_ -= (from.bytes + block_bytes - 1) / block_bytes;
    next_[from.last] = free_;
    free_ = from.first;
    from = {};
}

void span_blocks::copy(const chain& from, std::string& to) const
{
    to.resize(from.bytes);
    cursor(*this, from).read(to.data(), to.size());
}

bool span_blocks::cursor::read(void* to, std::size_t bytes) noexcept
{
    if (bytes > left_)
        return false;
    left_ -= bytes;
    char* into = static_cast<char*>(to);
    while (bytes > 0) {
        if (at_ == block_bytes) {
            block_ = blocks_.next_[block_];
            at_ = 0;
        }
        const std::size_t part = std::min(bytes, block_bytes - at_);
        if (into != nullptr) {
            std::memcpy(into, blocks_.data(block_) + at_, part);
            into += part;
        }
        at_ += part;
        bytes -= part;
    }
    return true;
}

}  // namespace reprise::pipeline
