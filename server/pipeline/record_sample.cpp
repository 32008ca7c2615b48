#include "record_sample.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>

namespace reprise::pipeline {
namespace {

constexpr std::uint32_t unplaced = UINT32_MAX;

}  // namespace

void record_sample::offer_low(
    std::uint64_t rank, std::uint32_t operation, const model::observation& call, std::string_view bytes,
    const sample_limits& limits
)
{
    if (holds(rank, call, bytes))
        return;
    const record_rank wanted{rank, hash64(bytes)};
    const auto is_lower = [](const entry& one, const record_rank& sought) { return one.rank < sought; };
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted, is_lower);
    if (wanted >= limit_)
        return;
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const auto made = entries_.insert(
        at, {wanted, call.trace, call.span, call.start_ns, call.duration_ns, operation, unplaced, size, call.outcome}
    );
    const std::size_t place = static_cast<std::size_t>(made - entries_.begin());
    bytes_ += size;
    while (entries_.size() > limits.count_max || bytes_ > limits.bytes_max)
        drop_last();
    if (place < entries_.size())
        entries_[place].offset = store(bytes);
}

// A record that was kept may come again. A span id says so, without a look at the bytes.
bool record_sample::holds(std::uint64_t rank, const model::observation& call, std::string_view bytes) const noexcept
{
    const auto is_lower = [](const entry& one, std::uint64_t sought) { return one.rank.first < sought; };
    auto one = std::lower_bound(entries_.begin(), entries_.end(), rank, is_lower);
    for (; one != entries_.end() && one->rank.first == rank; ++one) {
        if (one->start_ns == call.start_ns && one->duration_ns == call.duration_ns && one->span == call.span &&
            one->size == bytes.size() && (call.span != 0 || bytes_of(*one) == bytes))
            return true;
    }
    return false;
}

std::string_view record_sample::bytes_of(const entry& one) const noexcept
{
    return one.size > 0 ? std::string_view(block_.data() + one.offset, one.size) : std::string_view();
}

void record_sample::drop_last()
{
    limit_ = entries_.back().rank;
    bytes_ -= entries_.back().size;
    entries_.pop_back();
}

void record_sample::lower(std::uint32_t count_max)
{
    while (entries_.size() > count_max)
        drop_last();
}

// Where the bytes lie now. Their entry counts already, but has no place yet.
std::uint32_t record_sample::store(std::string_view bytes)
{
    if (block_.size() + bytes.size() > block_.capacity()) {
        close_gaps();
        // With room for some more, so that gaps need not be closed each time.
        constexpr std::size_t step = 1024;
        const std::size_t needed = bytes_ + bytes_ / 16;
        if (needed > block_.capacity())
            block_.reserve((needed + bytes_ / 16 + step - 1) / step * step);
    }
    const auto offset = static_cast<std::uint32_t>(block_.size());
    block_.insert(block_.end(), bytes.begin(), bytes.end());
    return offset;
}

// Moves what is still used to the front, in its order.
void record_sample::close_gaps()
{
    std::size_t end = 0;
    const auto is_next = [&end](const entry& one, const entry* known) {
        return one.size > 0 && one.offset != unplaced && one.offset >= end &&
               (known == nullptr || one.offset < known->offset);
    };
    for (;;) {
        entry* next = nullptr;
        for (entry& one : entries_)
            next = is_next(one, next) ? &one : next;
        if (next == nullptr)
            break;
        std::copy_n(block_.begin() + next->offset, next->size, block_.begin() + static_cast<std::ptrdiff_t>(end));
        next->offset = static_cast<std::uint32_t>(end);
        end += next->size;
    }
    block_.resize(end);
}

std::vector<kept_record> record_sample::list() const
{
    std::vector<kept_record> found;
    found.reserve(entries_.size());
    for (const entry& one : entries_)
        found.push_back(
            {one.trace, one.start_ns, one.duration_ns, one.operation, one.outcome, bytes_of(one)}
        );
    return found;
}

}  // namespace reprise::pipeline
