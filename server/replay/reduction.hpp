#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace reprise::replay {

// Delta debugging over units 0..n-1 of which all together are known to fail: looks for a set that fails and loses the
// failure with any one unit fewer. Pure; stepped by hand: next() names the units to keep in the next trial, take()
// says what came of it.
//
// First nothing at all. Then the latest unit that is needed is searched by halves, again before it, until four are
// found: a few causes among many cost their number times log2(n). Then chunks of falling size are taken out until no
// single one can go, so that causes may also be many or depend on each other.
class reduction {
public:
    explicit reduction(std::size_t units);

    // Ascending; nothing when no single unit can go any more. The same until take().
    std::optional<std::vector<std::size_t>> next();
    void take(bool fails);

    const std::vector<std::size_t>& kept() const noexcept { return kept_; }

private:
    enum class phase : std::uint8_t { nothing, halving, chunks, done };

    std::vector<std::size_t> halving_candidate() const;
    void take_halving(bool fails);
    void settle_needed();
    void begin_chunks();
    std::vector<std::size_t> chunk_candidate() const;
    void take_chunk(bool fails);

    phase phase_;
    std::vector<std::size_t> kept_;    // Known to fail.

    std::vector<std::size_t> needed_;  // Halving: found one by one, latest first.
    std::vector<std::size_t> pool_;    // Earlier ones that may be needed, too.
    bool needed_alone_tried_ = false;
    std::size_t low_ = 0;              // So many of the latest of the pool are too few ...
    std::size_t high_ = 0;             // ... so many are enough.

    std::size_t chunk_ = 0;            // Size of a chunk.
    std::size_t at_ = 0;               // Where the chunk under trial begins in kept_.
    bool removed_any_ = false;         // In this pass.
};

}  // namespace reprise::replay
