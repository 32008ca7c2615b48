#include "reprise/detect/sketch.hpp"

#include "bytes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace reprise::detect {
namespace {

constexpr std::uint8_t whole_counts_version = 1;
constexpr std::uint8_t weights_version = 2;
constexpr float weight_min = 1.0F / 1024;

double sketch_bound(std::uint32_t steps)
{
    const double mantissa = 1.0 + std::ldexp(static_cast<double>(sketch_bounds[steps % 64]), -52);
    return std::ldexp(mantissa, static_cast<int>(steps / 64));
}

// The position (slot + 1) before which nothing of at least `value` lies.
std::uint64_t first_position(std::int64_t value)
{
    return value >= 1 ? sketch_slot(value) : 0;
}

}  // namespace

double sketch_slot_lower(std::uint32_t slot) noexcept
{
    return slot == 0 ? sketch_bound(63) / 2 : sketch_bound(slot - 1);
}

double sketch_slot_upper(std::uint32_t slot) noexcept
{
    return sketch_bound(slot);
}

double sketch_slot_middle(std::uint32_t slot) noexcept
{
    const double lower = sketch_slot_lower(slot);
    const double upper = sketch_slot_upper(slot);
    return 2 * lower * upper / (lower + upper);
}

template <class Count>
Count& basic_sketch<Count>::open_slot(std::uint32_t slot)
{
    const std::uint32_t wanted = slot / chunk_slots;
    if (directory_.empty())
        first_chunk_ = wanted;
    if (wanted < first_chunk_) {
        directory_.insert(directory_.begin(), first_chunk_ - wanted, 0);
        first_chunk_ = wanted;
    }
    if (wanted - first_chunk_ >= directory_.size())
        directory_.resize(wanted - first_chunk_ + 1, 0);
    constexpr std::size_t chunks_step = 4;  // Doubling would waste half of what thousands of operations hold.
    if (chunks_.size() == chunks_.capacity())
        chunks_.reserve(chunks_.size() + chunks_step);
    chunks_.emplace_back();
    chunks_.back().fill(0);
    directory_[wanted - first_chunk_] = static_cast<std::uint8_t>(chunks_.size());
    return chunks_.back()[slot % chunk_slots];
}

template <class Count>
template <class Other>
void basic_sketch<Count>::merge(const basic_sketch<Other>& other, double weight)
{
    assert(std::is_floating_point_v<Count> || weight == 1.0);
    if (other.empty() || !(weight > 0))
        return;
    const auto weighted = [&](auto count) {
        if constexpr (std::is_integral_v<Count>)
            return static_cast<Count>(count);
        else
            return static_cast<Count>(static_cast<double>(count) * weight);
    };
    min_ = empty() ? other.min_ : std::min(min_, other.min_);
    max_ = empty() ? other.max_ : std::max(max_, other.max_);
    if constexpr (std::is_integral_v<Count>) {
        count_ += other.count_;
        sum_ = sum_ + other.sum_ < sum_ ? UINT64_MAX : sum_ + other.sum_;
    } else {
        count_ += static_cast<double>(other.count_) * weight;
        sum_ += static_cast<double>(other.sum_) * weight;
    }
    zeros_ = plus(zeros_, weighted(other.zeros_));
    other.for_each([&](std::uint32_t slot, Other count) {
        Count& mine = at(slot);
        mine = plus(mine, weighted(count));
    });
}

template <class Count>
void basic_sketch<Count>::scale(double factor) requires std::is_floating_point_v<Count>
{
    assert(factor >= 0 && factor <= 1);
    const auto by = static_cast<Count>(factor);
    const auto kept = [by](Count count) { return count * by < weight_min ? Count{0} : count * by; };
    zeros_ = kept(zeros_);
    count_ = static_cast<double>(zeros_);
    sum_ *= factor;
    bool has_idle_chunk = false;
    for (const std::uint8_t position : directory_) {
        if (position == 0)
            continue;
        bool is_idle = true;
        for (Count& count : chunks_[position - 1U]) {
            count = kept(count);
            count_ += static_cast<double>(count);
            is_idle = is_idle && !(count > 0);
        }
        has_idle_chunk = has_idle_chunk || is_idle;
    }
    if (empty())
        *this = basic_sketch();
    else if (has_idle_chunk)
        drop_idle_chunks();
}

template <class Count>
void basic_sketch<Count>::drop_idle_chunks()
{
    basic_sketch left;
    left.zeros_ = zeros_;
    left.count_ = count_;
    left.min_ = min_;
    left.max_ = max_;
    left.sum_ = sum_;
    for_each([&left](std::uint32_t slot, Count count) { left.at(slot) = count; });
    *this = std::move(left);
}

template <class Count>
void basic_sketch<Count>::clear() noexcept
{
    directory_.clear();
    chunks_.clear();
    first_chunk_ = 0;
    zeros_ = 0;
    count_ = 0;
    min_ = max_ = 0;
    sum_ = 0;
}

template <class Count>
double basic_sketch<Count>::quantile(double q) const noexcept
{
    if (empty())
        return 0;
    const auto all = static_cast<double>(count_);
    double rank = q * all;
    if constexpr (std::is_integral_v<Count>)
        rank = std::ceil(rank - 1e-9);  // 0.95 * 20 is 19.000000000000004 in binary.
    if (q <= 0)
        return static_cast<double>(min_);
    double below = static_cast<double>(zeros_);
    if (rank <= below)
        return 0;
    double found = static_cast<double>(max_);
    bool done = q >= 1;
    for_each([&](std::uint32_t slot, Count count) {
        below += done ? 0 : static_cast<double>(count);
        if (!done && below >= rank) {
            found = sketch_slot_middle(slot);
            done = true;
        }
    });
    return std::clamp(found, static_cast<double>(min_), static_cast<double>(max_));
}

template <class Count>
auto basic_sketch<Count>::count_above(double value) const noexcept -> total
{
    if (value < 0)
        return count_;
    constexpr double value_max = 9.2e18;
    const auto whole = static_cast<std::int64_t>(std::min(value, value_max));
    const std::uint32_t holder = whole >= 1 ? sketch_slot(whole) : 0;
    total above = 0;
    for_each([&](std::uint32_t slot, Count count) {
        if (slot > holder || whole == 0)
            above += static_cast<total>(count);
    });
    return above;
}

template <class Count>
std::string basic_sketch<Count>::encode() const
{
    byte_writer out;
    out.put_byte(std::is_integral_v<Count> ? whole_counts_version : weights_version);
    const auto put_count = [&out](Count count) {
        if constexpr (std::is_integral_v<Count>)
            out.put_number(count);
        else
            out.put_float(count);
    };
    put_count(zeros_);
    if constexpr (std::is_integral_v<Count>)
        out.put_number(sum_);
    else
        out.put_double(sum_);
    out.put_number(static_cast<std::uint64_t>(min_));
    out.put_number(static_cast<std::uint64_t>(max_));
    std::uint32_t previous = 0;
    for_each([&](std::uint32_t slot, Count count) {
        out.put_number(slot + 1 - previous);  // >= 1: two entries never name one slot.
        put_count(count);
        previous = slot + 1;
    });
    return out.take();
}

template <class Count>
result<basic_sketch<Count>> basic_sketch<Count>::decode(std::string_view bytes)
{
    byte_reader in(bytes);
    const auto take_count = [&in] {
        if constexpr (std::is_integral_v<Count>)
            return static_cast<Count>(in.take_number(UINT32_MAX));
        else
            return in.take_float();
    };
    const auto is_count = [](Count count) {
        return std::is_integral_v<Count> || (std::isfinite(static_cast<double>(count)) && count >= 0);
    };
    basic_sketch read;
    if (in.take_byte() != (std::is_integral_v<Count> ? whole_counts_version : weights_version))
        return errc::corrupt;
    read.zeros_ = take_count();
    if constexpr (std::is_integral_v<Count>)
        read.sum_ = in.take_number();
    else
        read.sum_ = in.take_double();
    read.min_ = in.take_time();
    read.max_ = in.take_time();
    if (in.failed() || !is_count(read.zeros_) || !std::isfinite(read.sum()) || read.sum_ < 0 || read.min_ > read.max_)
        return errc::corrupt;
    read.count_ = static_cast<total>(read.zeros_);
    std::uint64_t position = 0;
    while (!in.at_end()) {
        const std::uint64_t step = in.take_number(sketch_slots_max);
        const Count count = take_count();
        position += step;
        if (in.failed() || step == 0 || position > sketch_slots_max || !is_count(count) || !(count > 0))
            return errc::corrupt;
        if (position <= first_position(read.min_) || position > first_position(read.max_) + 1 || read.max_ == 0)
            return errc::corrupt;
        read.at(static_cast<std::uint32_t>(position - 1)) = count;
        read.count_ += static_cast<total>(count);
    }
    return read.empty() && (read.max_ != 0 || read.sum_ != 0) ? result<basic_sketch>(errc::corrupt) : read;
}

template <class Count>
std::size_t basic_sketch<Count>::memory_bytes() const noexcept
{
    return sizeof(*this) + directory_.capacity() + chunks_.capacity() * sizeof(chunk);
}

template <class Count>
bool basic_sketch<Count>::operator==(const basic_sketch& other) const
{
    if (count_ != other.count_ || zeros_ != other.zeros_ || sum_ != other.sum_)
        return false;
    if (min_ != other.min_ || max_ != other.max_)
        return false;
    std::vector<std::pair<std::uint32_t, Count>> mine;
    for_each([&mine](std::uint32_t slot, Count count) { mine.emplace_back(slot, count); });
    std::size_t next = 0;
    bool equal = true;
    other.for_each([&](std::uint32_t slot, Count count) {
        equal = equal && next < mine.size() && mine[next].first == slot && mine[next].second == count;
        ++next;
    });
    return equal && next == mine.size();
}

template class basic_sketch<std::uint32_t>;
template class basic_sketch<float>;
template void sketch::merge(const sketch&, double);
template void decayed_sketch::merge(const sketch&, double);
template void decayed_sketch::merge(const decayed_sketch&, double);

}  // namespace reprise::detect
