#include "open_traces.hpp"

#include <algorithm>
#include <cassert>

namespace reprise::pipeline {
namespace {

constexpr std::size_t slots_min = 64;

}  // namespace

open_trace* open_traces::find(const model::trace_id& id, std::uint64_t rank) noexcept
{
    if (slots_.empty())
        return nullptr;
    for (std::size_t at = home_of(rank); slots_[at] != free_slot; at = (at + 1) & (slots_.size() - 1)) {
        open_trace& one = entries_[slots_[at]];
        if (one.rank == rank && one.id == id)
            return &one;
    }
    return nullptr;
}

open_trace& open_traces::add(const model::trace_id& id, std::uint64_t rank)
{
    if (2 * (entries_.size() + 1) > slots_.size())
        grow();
    open_trace& made = entries_.emplace_back();
    made.id = id;
    made.rank = rank;
    place(entries_.size() - 1);
    return made;
}

void open_traces::remove(std::size_t index) noexcept
{
    assert(index < entries_.size());
    const std::size_t mask = slots_.size() - 1;
    std::size_t gap = slot_of(index);
    const std::size_t last = entries_.size() - 1;
    if (index != last) {
        slots_[slot_of(last)] = static_cast<std::uint32_t>(index);
        entries_[index] = entries_[last];
    }
    // What stands behind the gap and belongs before it moves up, so that every search still ends at it.
    for (std::size_t at = (gap + 1) & mask; slots_[at] != free_slot; at = (at + 1) & mask) {
        const std::size_t home = home_of(entries_[slots_[at]].rank);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        slots_[gap] = slots_[at];
        gap = at;
    }
    slots_[gap] = free_slot;
    entries_.pop_back();
}

std::size_t open_traces::slot_of(std::size_t index) const noexcept
{
    std::size_t at = home_of(entries_[index].rank);
    while (slots_[at] != index)
        at = (at + 1) & (slots_.size() - 1);
    return at;
}

void open_traces::place(std::size_t index) noexcept
{
    std::size_t at = home_of(entries_[index].rank);
    while (slots_[at] != free_slot)
        at = (at + 1) & (slots_.size() - 1);
    slots_[at] = static_cast<std::uint32_t>(index);
}

void open_traces::grow()
{
    slots_.assign(std::max(slots_min, 2 * slots_.size()), free_slot);
    for (std::size_t i = 0; i < entries_.size(); ++i)
        place(i);
}

void recent_traces::note(std::uint64_t rank, bool dropped) noexcept
{
    const auto row = marks_.begin() + static_cast<std::ptrdiff_t>(row_of(rank));
    const auto end = row + places;
    const auto known = std::find_if(row, end, [rank](std::uint64_t mark) { return (mark ^ rank) <= 1; });
    // It, or else the oldest, gives way.
    std::move_backward(row, known == end ? end - 1 : known, known == end ? end : known + 1);
    *row = mark_of(rank, dropped);
}

recent_traces::fate recent_traces::find(std::uint64_t rank) const noexcept
{
    const auto row = marks_.begin() + static_cast<std::ptrdiff_t>(row_of(rank));
    for (auto at = row; at != row + places; ++at) {
        if ((*at ^ rank) <= 1)
            return *at == mark_of(rank, true) ? fate::dropped : fate::done;
    }
    return fate::unknown;
}

}  // namespace reprise::pipeline
