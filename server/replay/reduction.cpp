#include "reduction.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace reprise::replay {
namespace {

constexpr std::size_t needed_max = 4;  // Of the search by halves; more causes are quicker to find by chunks.

}  // namespace

reduction::reduction(std::size_t units) : phase_(units == 0 ? phase::done : phase::nothing), kept_(units)
{
    std::iota(kept_.begin(), kept_.end(), std::size_t{0});
}

std::optional<std::vector<std::size_t>> reduction::next()
{
    switch (phase_) {
    case phase::nothing: return std::vector<std::size_t>();
    case phase::halving: return halving_candidate();
    case phase::chunks: return chunk_candidate();
    case phase::done: break;
    }
    return std::nullopt;
}

void reduction::take(bool fails)
{
    switch (phase_) {
    case phase::nothing:
        if (fails) {
            kept_.clear();
            phase_ = phase::done;
            return;
        }
        pool_ = kept_;
        high_ = pool_.size();
        needed_alone_tried_ = true;
        phase_ = phase::halving;
        settle_needed();
        return;
    case phase::halving: return take_halving(fails);
    case phase::chunks: return take_chunk(fails);
    case phase::done: break;
    }
    assert(false && "take() without next()");
}

std::vector<std::size_t> reduction::halving_candidate() const
{
    const std::size_t size = needed_alone_tried_ ? (low_ + high_) / 2 : 0;
    std::vector<std::size_t> units(pool_.end() - static_cast<std::ptrdiff_t>(size), pool_.end());
    units.insert(units.end(), needed_.begin(), needed_.end());
    std::sort(units.begin(), units.end());
    return units;
}

void reduction::take_halving(bool fails)
{
    if (fails)
        kept_ = halving_candidate();
    if (!needed_alone_tried_) {
        needed_alone_tried_ = true;
        if (fails)
            return begin_chunks();
    } else if (fails) {
        high_ = (low_ + high_) / 2;
    } else {
        low_ = (low_ + high_) / 2;
    }
    settle_needed();
}

// One more than low_ is enough: its first unit is needed.
void reduction::settle_needed()
{
    if (high_ - low_ > 1)
        return;
    needed_.push_back(pool_[pool_.size() - high_]);
    pool_.erase(pool_.begin(), pool_.end() - static_cast<std::ptrdiff_t>(low_));
    low_ = 0;
    high_ = pool_.size();
    needed_alone_tried_ = false;
    if (pool_.empty() || needed_.size() == needed_max)
        begin_chunks();
}

void reduction::begin_chunks()
{
    phase_ = kept_.size() < 2 ? phase::done : phase::chunks;
    chunk_ = kept_.size() <= 2 * needed_max ? 1 : kept_.size() / 2;
    at_ = 0;
    removed_any_ = false;
}

std::vector<std::size_t> reduction::chunk_candidate() const
{
    std::vector<std::size_t> units = kept_;
    const auto begin = units.begin() + static_cast<std::ptrdiff_t>(at_);
    units.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(chunk_, kept_.size() - at_)));
    return units;
}

void reduction::take_chunk(bool fails)
{
    if (fails) {
        kept_ = chunk_candidate();
        removed_any_ = true;
    } else {
        at_ += chunk_;
    }
    if (kept_.size() < 2 && fails) {
        // One that is left was needed: nothing at all did not fail.
        phase_ = phase::done;
        return;
    }
    if (at_ < kept_.size())
        return;
    if (chunk_ == 1 && !removed_any_) {
        phase_ = phase::done;
        return;
    }
    chunk_ = std::max<std::size_t>(std::min(chunk_, kept_.size()) / 2, 1);
    at_ = 0;
    removed_any_ = false;
}

}  // namespace reprise::replay
