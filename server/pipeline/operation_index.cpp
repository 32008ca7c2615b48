#include "operation_index.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::size_t entries_min = 16;

// Ids are hashes, so their lower bits do.
std::size_t home_of(std::uint64_t id, std::size_t entries) noexcept
{
    return static_cast<std::size_t>(id) & (entries - 1);
}

}  // namespace

std::uint64_t operation_index::check_of(const model::operation_view& operation) noexcept
{
    constexpr std::uint64_t seed = 0x9d6ef916d7a4c2b1;  // Any other than that of the id.
    const auto kinds = static_cast<std::uint64_t>(operation.source) << 8 | static_cast<std::uint64_t>(operation.kind);
    return hash64(operation.route, hash64(operation.method, seed ^ kinds));
}

const operation_index::entry* operation_index::find(std::uint64_t id) const noexcept
{
    if (entries_.empty())
        return nullptr;
    for (std::size_t at = home_of(id, entries_.size()); entries_[at].used; at = (at + 1) & (entries_.size() - 1)) {
        if (entries_[at].id == id)
            return &entries_[at];
    }
    return nullptr;
}

operation_index::entry& operation_index::place_of(std::uint64_t id) noexcept
{
    std::size_t at = home_of(id, entries_.size());
    while (entries_[at].used)
        at = (at + 1) & (entries_.size() - 1);
    return entries_[at];
}

void operation_index::add(std::uint64_t id, const model::operation_view& operation, const operation_place& place)
{
    if (2 * (size_ + 1) > entries_.size()) {
        const auto before = std::exchange(entries_, std::vector<entry>(std::max(entries_min, 2 * entries_.size())));
        for (const entry& one : before) {
            if (one.used)
                place_of(one.id) = one;
        }
    }
    place_of(id) = {id, check_of(operation), place, true};
    ++size_;
}

}  // namespace reprise::pipeline
