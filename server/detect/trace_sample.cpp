#include "reprise/detect/trace_sample.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <utility>

namespace reprise::detect {
namespace {

constexpr std::size_t slots_min = 64;

}  // namespace

std::size_t trace_sample::place_of(std::uint64_t rank) const noexcept
{
    std::size_t at = static_cast<std::size_t>(rank) & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != rank)
        at = (at + 1) & (slots_.size() - 1);
    return at;
}

bool trace_sample::contains(std::uint64_t rank) const noexcept
{
    return size_ > 0 && slots_[place_of(rank)] == rank;
}

void trace_sample::add(const model::trace_id& trace)
{
    const std::uint64_t rank = trace_rank(trace);
    if (!trace || rank >= limit_)
        return;
    if (2 * size_ >= slots_.size() && slots_.size() < 2 * traces_max)
        rebuild(std::max(slots_min, slots_.size() * 2));
    std::uint64_t& slot = slots_[place_of(rank)];
    if (slot == rank)
        return;
    slot = rank;
    ++size_;
    while (size_ > traces_max) {
        limit_ /= 2;
        rebuild(slots_.size());
    }
}

void trace_sample::rebuild(std::size_t slots)
{
    const std::vector<std::uint64_t> before = std::exchange(slots_, std::vector<std::uint64_t>(slots, 0));
    size_ = 0;
    for (const std::uint64_t rank : before) {
        if (rank == 0 || rank >= limit_)
            continue;
        slots_[place_of(rank)] = rank;
        ++size_;
    }
}

void trace_sample::clear() noexcept
{
    std::fill(slots_.begin(), slots_.end(), 0);
    size_ = 0;
    limit_ = UINT64_MAX;
}

}  // namespace reprise::detect
