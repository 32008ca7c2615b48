#pragma once

#include "reprise/base/hash.hpp"
#include "reprise/model/observation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reprise::detect {

// The place of a trace in every sample: records of one trace are kept or left together, on every machine alike.
inline std::uint64_t trace_rank(const model::trace_id& trace) noexcept
{
    // 0 is a free slot, the largest a limit that lets everything pass.
    return std::clamp<std::uint64_t>(mix64(trace.high ^ mix64(trace.low)), 1, UINT64_MAX - 1);
}

// Which traces showed something in one window: those of lowest rank, as many as fit. Once more than traces_max
// came, the limit is halved until they fit and never rises again: what is kept depends on which traces came,
// not on their order. Allocates only while it grows to its largest size so far. Not for several threads.
class trace_sample {
public:
    static constexpr std::size_t traces_max = 4096;

    void add(const model::trace_id& trace);  // No trace: nothing to add.

    bool contains(const model::trace_id& trace) const noexcept { return contains(trace_rank(trace)); }
    bool contains(std::uint64_t rank) const noexcept;
    // False: a trace of this rank may have come and been left out.
    bool knows(std::uint64_t rank) const noexcept { return rank < limit_; }

    std::size_t size() const noexcept { return size_; }
    void clear() noexcept;
    std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(std::uint64_t); }

private:
    std::size_t place_of(std::uint64_t rank) const noexcept;
    void rebuild(std::size_t slots);

    std::vector<std::uint64_t> slots_;  // Ranks, 0 for free; the size is a power of two, at most half are used.
    std::size_t size_ = 0;
    std::uint64_t limit_ = UINT64_MAX;
};

}  // namespace reprise::detect
