#pragma once

#include "reprise/base/error.hpp"
#include "reprise/detect/sketch_index.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace reprise::detect {

// A histogram of durations (ns) with buckets that grow by 2^(1/64): quantiles are right within 0.54 %, two
// sketches add up exactly and in any order. Memory follows the spread of the values, not their number: 64 bytes
// per quarter octave in use (a service's route takes 300 to 1,200 bytes). A plain value: copy it, one thread
// at a time. `sketch` counts whole calls; `decayed_sketch` holds weights that fade.
template <class Count>
class basic_sketch {
public:
    using total = std::conditional_t<std::is_integral_v<Count>, std::uint64_t, double>;

    // Zero and negative durations (clock skew) go to the zero bucket. Allocates only when the value opens a new
    // quarter octave that no earlier use of this object has opened.
    void add(std::int64_t value, Count times = 1)
    {
        note(value, times);
        if (value <= 0) {
            zeros_ = plus(zeros_, times);
            return;
        }
        Count& count = at(sketch_slot(value));
        count = plus(count, times);
    }

    // Ask the processor for what add() will touch beyond this object, without waiting: first where the buckets
    // are, and once that has arrived the bucket of a value.
    void fetch_directory() const noexcept { __builtin_prefetch(directory_.data()); }
    void fetch_bucket(std::int64_t value) const noexcept
    {
        const std::uint32_t slot = value > 0 ? sketch_slot(value) : 0;
        const std::uint32_t wanted = slot / chunk_slots - first_chunk_;
        if (wanted < directory_.size() && directory_[wanted] != 0)
            __builtin_prefetch(&chunks_[directory_[wanted] - 1U][slot % chunk_slots], 1);
    }

    // Adds every bucket of `other` times `weight`. For two sketches of whole counts the weight must be 1.
    template <class Other>
    void merge(const basic_sketch<Other>& other, double weight = 1.0);

    // Multiplies every count; buckets that fall below 1/1024 are dropped. Only meaningful for weights.
    void scale(double factor) requires std::is_floating_point_v<Count>;

    // Empties it and keeps the memory.
    void clear() noexcept;

    total count() const noexcept { return count_; }
    bool empty() const noexcept { return !(count_ > 0); }
    std::int64_t min() const noexcept { return empty() ? 0 : min_; }
    std::int64_t max() const noexcept { return empty() ? 0 : max_; }
    double sum() const noexcept { return static_cast<double>(sum_); }
    double mean() const noexcept { return empty() ? 0 : sum() / static_cast<double>(count_); }

    // The value of rank ceil(q * count), 0 for an empty sketch; q in [0, 1], 0 and 1 are min and max.
    double quantile(double q) const noexcept;
    // How many lie in buckets wholly above the one that holds `value`: never more than truly exceed it.
    total count_above(double value) const noexcept;

    // Versioned, platform-independent, 2 to 5 bytes per used bucket. decode refuses anything that encode could
    // not have written with errc::corrupt.
    std::string encode() const;
    static result<basic_sketch> decode(std::string_view bytes);

    std::size_t memory_bytes() const noexcept;
    // Calls visit(slot, count) for every used slot in rising order; the zero bucket is not visited.
    template <class Visit>
    void for_each(Visit&& visit) const;
    Count zeros() const noexcept { return zeros_; }

    // Equal when every bucket and every summary value is equal, whatever the memory looks like.
    bool operator==(const basic_sketch& other) const;

private:
    template <class>
    friend class basic_sketch;

    static constexpr std::uint32_t chunk_slots = 16;
    using chunk = std::array<Count, chunk_slots>;

    static Count plus(Count a, Count b) noexcept
    {
        const auto sum = static_cast<Count>(a + b);
        if constexpr (std::is_integral_v<Count>)
            return sum < a ? static_cast<Count>(-1) : sum;  // Full rather than wrong.
        else
            return sum;
    }

    void note(std::int64_t value, Count times) noexcept;
    Count& at(std::uint32_t slot)
    {
        const std::uint32_t wanted = slot / chunk_slots - first_chunk_;
        if (wanted < directory_.size() && directory_[wanted] != 0)
            return chunks_[directory_[wanted] - 1U][slot % chunk_slots];
        return open_slot(slot);
    }
    Count& open_slot(std::uint32_t slot);
    void drop_idle_chunks();

    std::vector<std::uint8_t> directory_;  // From first_chunk_: position in chunks_ + 1, 0 for none.
    std::uint32_t first_chunk_ = 0;
    Count zeros_ = 0;
    std::vector<chunk> chunks_;
    total count_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
    std::conditional_t<std::is_integral_v<Count>, std::uint64_t, double> sum_ = 0;  // Saturates.
};

using sketch = basic_sketch<std::uint32_t>;
using decayed_sketch = basic_sketch<float>;

template <class Count>
void basic_sketch<Count>::note(std::int64_t value, Count times) noexcept
{
    const std::int64_t known = value > 0 ? value : 0;
    min_ = empty() || known < min_ ? known : min_;
    max_ = empty() || known > max_ ? known : max_;
    count_ += times;
    if constexpr (std::is_integral_v<Count>) {
        std::uint64_t product = 0;
        if (__builtin_mul_overflow(static_cast<std::uint64_t>(known), times, &product) ||
            __builtin_add_overflow(sum_, product, &sum_))
            sum_ = UINT64_MAX;
    } else {
        sum_ += static_cast<double>(known) * static_cast<double>(times);
    }
}

template <class Count>
template <class Visit>
void basic_sketch<Count>::for_each(Visit&& visit) const
{
    for (std::uint32_t entry = 0; entry < directory_.size(); ++entry) {
        if (directory_[entry] == 0)
            continue;
        const chunk& counts = chunks_[directory_[entry] - 1U];
        for (std::uint32_t offset = 0; offset < chunk_slots; ++offset) {
            if (counts[offset] > 0)
                visit((first_chunk_ + entry) * chunk_slots + offset, counts[offset]);
        }
    }
}

extern template class basic_sketch<std::uint32_t>;
extern template class basic_sketch<float>;
extern template void sketch::merge(const sketch&, double);
extern template void decayed_sketch::merge(const sketch&, double);
extern template void decayed_sketch::merge(const decayed_sketch&, double);

}  // namespace reprise::detect
