#include "reprise/detect/call_groups.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/detect/trace_sample.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>

namespace reprise::detect {
namespace {

constexpr std::size_t slots_min = 64;
constexpr double argument_bits = 128;

std::uint64_t group_hash(const model::trace_id& trace, std::uint64_t parent_span, std::uint64_t operation) noexcept
{
    return mix64(trace_rank(trace) ^ mix64(parent_span ^ mix64(operation)));
}

std::int64_t plus_saturated(std::int64_t a, std::int64_t b) noexcept
{
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

// The slot that holds an entry for which `same` is true, or the free one where it belongs. At most half of the
// slots are ever used.
template <class Same>
std::uint32_t& find_slot(std::vector<std::uint32_t>& slots, std::uint64_t hash, Same same) noexcept
{
    std::size_t at = static_cast<std::size_t>(hash) & (slots.size() - 1);
    while (slots[at] != 0 && !same(slots[at] - 1))
        at = (at + 1) & (slots.size() - 1);
    return slots[at];
}

template <class Entries, class Hash>
void fill(std::vector<std::uint32_t>& slots, std::size_t size, const Entries& entries, Hash hash)
{
    slots.assign(size, 0);
    for (std::uint32_t position = 0; position < entries.size(); ++position)
        find_slot(slots, hash(entries[position]), [](std::uint32_t) { return false; }) = position + 1;
}

// Makes room for one more entry.
template <class Entries, class Hash>
void grow(std::vector<std::uint32_t>& slots, const Entries& entries, Hash hash)
{
    if (2 * (entries.size() + 1) > slots.size())
        fill(slots, std::max(slots_min, slots.size() * 2), entries, hash);
}

constexpr auto hash_of_group = [](const auto& entry) {
    return group_hash(entry.trace, entry.parent_span, entry.operation);
};
constexpr auto hash_of_inbound = [](const auto& entry) { return trace_rank(entry.trace); };

// How many different hashes set these bits: fewer than were set, since some met in one.
std::uint32_t estimate_arguments(const std::array<std::uint64_t, 2>& bits, std::uint32_t calls) noexcept
{
    const int used = std::popcount(bits[0]) + std::popcount(bits[1]);
    const double free_share = std::max(argument_bits - used, 1.0) / argument_bits;
    const double estimate = -argument_bits * std::log(free_share);
    return static_cast<std::uint32_t>(std::clamp(std::round(estimate), 1.0, static_cast<double>(calls)));
}

}  // namespace

call_groups::group& call_groups::find_or_add_group(const model::observation& call)
{
    grow(group_slots_, groups_, hash_of_group);
    std::uint32_t& slot = find_slot(group_slots_, hash_of_group(call), [&](std::uint32_t position) {
        const group& known = groups_[position];
        return known.trace == call.trace && known.parent_span == call.parent_span && known.operation == call.operation;
    });
    if (slot != 0)
        return groups_[slot - 1];
    groups_.push_back(
        {call.trace, call.parent_span, call.operation, call.start_ns, call.start_ns, 0, {0, 0}, 0, 0, false}
    );
    slot = static_cast<std::uint32_t>(groups_.size());
    return groups_.back();
}

void call_groups::add_call(const model::observation& call)
{
    if (!call.trace)
        return;
    ++calls_;
    if (trace_rank(call.trace) >= rank_limit_)
        return;
    group& found = find_or_add_group(call);
    ++found.calls;
    found.failed += call.outcome == model::outcome::ok ? 0U : 1U;
    found.duration_sum_ns = plus_saturated(found.duration_sum_ns, std::max<std::int64_t>(call.duration_ns, 0));
    found.first_start_ns = std::min(found.first_start_ns, call.start_ns);
    found.last_start_ns = std::max(found.last_start_ns, call.start_ns);
    const std::uint64_t bit = mix64(call.detail_hash) % static_cast<std::uint64_t>(argument_bits);
    found.arguments[bit / 64] |= 1ULL << bit % 64;
    found.unknown_arguments |= call.detail_hash == 0;
    if (groups_.size() > groups_max)
        halve_until_it_fits();
}

void call_groups::add_inbound(const model::observation& request)
{
    if (!request.trace || trace_rank(request.trace) >= rank_limit_)
        return;
    grow(inbound_slots_, inbound_, hash_of_inbound);
    std::uint32_t& slot = find_slot(inbound_slots_, hash_of_inbound(request), [&](std::uint32_t position) {
        return inbound_[position].trace == request.trace;
    });
    const inbound fresh{request.trace, request.span, request.operation, request.duration_ns};
    if (slot == 0) {
        inbound_.push_back(fresh);
        slot = static_cast<std::uint32_t>(inbound_.size());
        if (inbound_.size() > inbound_max)
            halve_until_it_fits();
        return;
    }
    inbound& known = inbound_[slot - 1];
    if (std::tie(fresh.duration_ns, known.span, known.operation) >
        std::tie(known.duration_ns, fresh.span, fresh.operation))
        known = fresh;
}

const std::uint32_t* call_groups::find_place(const model::observation& call, bool is_inbound) const noexcept
{
    const auto& slots = is_inbound ? inbound_slots_ : group_slots_;
    if (!call.trace || slots.empty())
        return nullptr;
    const std::uint64_t hash = is_inbound ? hash_of_inbound(call) : hash_of_group(call);
    return &slots[static_cast<std::size_t>(hash) & (slots.size() - 1)];
}

void call_groups::fetch_place(const model::observation& call, bool is_inbound) const noexcept
{
    __builtin_prefetch(find_place(call, is_inbound), 1);
}

// The entry next to the right one may come instead when hashes met; that is rare and costs nothing but time.
void call_groups::fetch_entry(const model::observation& call, bool is_inbound) const noexcept
{
    const std::uint32_t* const place = find_place(call, is_inbound);
    if (place == nullptr || *place == 0)
        return;
    if (is_inbound)
        __builtin_prefetch(&inbound_[*place - 1], 1);
    else
        __builtin_prefetch(&groups_[*place - 1], 1);
}

// The limit ends at the largest half, quarter, ... below which both tables fit, in whatever order they filled:
// a trace below it was never left out before.
void call_groups::halve_until_it_fits()
{
    const auto is_out = [this](const auto& entry) { return trace_rank(entry.trace) >= rank_limit_; };
    while (groups_.size() > groups_max || inbound_.size() > inbound_max) {
        rank_limit_ /= 2;
        std::erase_if(groups_, is_out);
        std::erase_if(inbound_, is_out);
    }
    fill(group_slots_, std::max(slots_min, group_slots_.size()), groups_, hash_of_group);
    fill(inbound_slots_, std::max(slots_min, inbound_slots_.size()), inbound_, hash_of_inbound);
}

std::uint64_t call_groups::overflowed() const noexcept
{
    std::uint64_t kept = 0;
    for (const group& known : groups_)
        kept += known.calls;
    return calls_ - kept;
}

const call_groups::inbound* call_groups::find_inbound(const model::trace_id& trace) const noexcept
{
    if (inbound_slots_.empty())
        return nullptr;
    std::size_t at = static_cast<std::size_t>(trace_rank(trace)) & (inbound_slots_.size() - 1);
    for (; inbound_slots_[at] != 0; at = (at + 1) & (inbound_slots_.size() - 1)) {
        if (inbound_[inbound_slots_[at] - 1].trace == trace)
            return &inbound_[inbound_slots_[at] - 1];
    }
    return nullptr;
}

std::vector<repeated_call> call_groups::list_repeated(std::uint32_t calls_min) const
{
    std::vector<const group*> often;
    for (const group& known : groups_) {
        if (known.calls >= calls_min)
            often.push_back(&known);
    }
    std::sort(often.begin(), often.end(), [](const group* a, const group* b) {
        return std::tie(a->operation, a->trace.high, a->trace.low, a->parent_span) <
               std::tie(b->operation, b->trace.high, b->trace.low, b->parent_span);
    });
    std::vector<repeated_call> found;
    found.reserve(often.size());
    for (const group* known : often) {
        const inbound* const parent = find_inbound(known->trace);
        repeated_call repeated;
        repeated.operation = known->operation;
        repeated.parent_operation = parent != nullptr ? parent->operation : 0;
        repeated.trace = known->trace;
        repeated.calls = known->calls;
        repeated.failed = known->failed;
        repeated.duration_sum_ns = known->duration_sum_ns;
        repeated.first_start_ns = known->first_start_ns;
        repeated.last_start_ns = known->last_start_ns;
        repeated.parent_duration_ns = parent != nullptr ? parent->duration_ns : 0;
        repeated.arguments = known->unknown_arguments ? 0 : estimate_arguments(known->arguments, known->calls);
        found.push_back(repeated);
    }
    return found;
}

void call_groups::clear() noexcept
{
    groups_.clear();
    inbound_.clear();
    std::fill(group_slots_.begin(), group_slots_.end(), 0);
    std::fill(inbound_slots_.begin(), inbound_slots_.end(), 0);
    calls_ = 0;
    rank_limit_ = UINT64_MAX;
}

std::size_t call_groups::memory_bytes() const noexcept
{
    return groups_.capacity() * sizeof(group) + inbound_.capacity() * sizeof(inbound) +
           (group_slots_.capacity() + inbound_slots_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace reprise::detect
