#include "known_calls.hpp"

#include <algorithm>

namespace reprise::telemetry {
namespace {

constexpr std::size_t slot_count = 2 * known_calls::calls_max;
constexpr std::size_t slot_mask = slot_count - 1;
static_assert((slot_count & slot_mask) == 0);

std::uint32_t tag_of(std::uint64_t hash) noexcept
{
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

known_calls::known_calls()
    : slots_(slot_count), seen_(slot_count), texts_(std::make_unique_for_overwrite<char[]>(texts_bytes_max))
{
    entries_.reserve(calls_max);
}

const known_calls::known* known_calls::find(const call_view& call, std::uint64_t hash) const noexcept
{
    for (std::size_t at = hash & slot_mask; slots_[at].index_plus_1 != 0; at = (at + 1) & slot_mask) {
        if (slots_[at].tag != tag_of(hash))
            continue;
        const entry& one = entries_[slots_[at].index_plus_1 - 1];
        if (one.source == call.source && one.kind == call.kind && one.form == call.form &&
            one.target == call.target && one.method == call.method && one.service == call.service &&
            one.protocol == call.protocol)
            return &one.is;
    }
    return nullptr;
}

void known_calls::note(const call_view& call, std::uint64_t hash, const known& is)
{
    if (std::uint32_t& last = seen_[hash & slot_mask]; last != tag_of(hash)) {
        last = tag_of(hash);
        return;
    }
    if (find(call, hash) != nullptr)
        return;
    const model::operation_view& operation = is.operation;
    const std::size_t bytes = call.service.size() + call.protocol.size() + call.method.size() + call.target.size() +
                              operation.protocol.size() + operation.method.size() + operation.route.size();
    if (bytes > call_bytes_max)
        return;
    if (entries_.size() == calls_max || texts_bytes_ + bytes > texts_bytes_max)
        forget();

    entry one{call.source, call.kind, call.form, keep(call.service), keep(call.protocol), keep(call.method),
              keep(call.target), {operation, is.id}};
    one.is.operation.service = one.service;
    one.is.operation.protocol = keep(operation.protocol);
    one.is.operation.method = keep(operation.method);
    one.is.operation.route = keep(operation.route);
    entries_.push_back(one);

    std::size_t at = hash & slot_mask;
    while (slots_[at].index_plus_1 != 0)
        at = (at + 1) & slot_mask;
    slots_[at] = {tag_of(hash), static_cast<std::uint32_t>(entries_.size())};
}

std::string_view known_calls::keep(std::string_view text) noexcept
{
    char* const to = texts_.get() + texts_bytes_;
    std::copy(text.begin(), text.end(), to);
    texts_bytes_ += text.size();
    return {to, text.size()};
}

void known_calls::forget() noexcept
{
    std::fill(slots_.begin(), slots_.end(), slot());
    entries_.clear();
    texts_bytes_ = 0;
}

}  // namespace reprise::telemetry
