#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// Bytes of many traces that are open at once, in blocks of one size: each trace has a chain of them that grows at its
// end, and gives them back when it is done. Memory grows in slabs to what was ever used at once, and never beyond
// the limit; after that nothing allocates. Plain state.
class span_blocks {
public:
    static constexpr std::size_t block_bytes = 1024;

    struct chain {
        std::uint32_t first = none;
        std::uint32_t last = none;
        std::uint32_t bytes = 0;

        bool empty() const noexcept { return first == none; }
    };

    explicit span_blocks(std::size_t bytes_max);

    // All pieces one after another, or none of them: false when there is no room.
    bool append(chain& to, std::initializer_list<std::string_view> pieces);
    void release(chain& from) noexcept;
    void copy(const chain& from, std::string& to) const;

    std::size_t used_bytes() const noexcept { return used_ * block_bytes; }
    std::size_t bytes_max() const noexcept { return blocks_max_ * block_bytes; }

    // Reads a chain from its beginning.
    class cursor {
    public:
        cursor(const span_blocks& blocks, const chain& of) noexcept
            : blocks_(blocks), block_(of.first), left_(of.bytes)
        {
        }

        // False at the end.
        bool read(void* to, std::size_t bytes) noexcept;
        bool pass_over(std::size_t bytes) noexcept { return read(nullptr, bytes); }

    private:
        const span_blocks& blocks_;
        std::uint32_t block_;
        std::size_t at_ = 0;
        std::size_t left_;
    };

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::size_t slab_blocks = 256;

    std::uint32_t take();
    char* data(std::uint32_t block) const noexcept
    {
        return slabs_[block / slab_blocks].get() + block % slab_blocks * block_bytes;
    }

    const std::size_t blocks_max_;
    std::vector<std::unique_ptr<char[]>> slabs_;
    std::vector<std::uint32_t> next_;  // Of each block: the one behind it in its chain, or among the free ones.
    std::uint32_t free_ = none;
    std::size_t used_ = 0;
};

}  // namespace reprise::pipeline
