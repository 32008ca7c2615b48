#include "operation_table.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace reprise::telemetry {
namespace {

constexpr std::size_t first_slots = 256;
constexpr std::size_t arena_block_bytes = 4096;

bool same(const model::operation_view& a, const model::operation_view& b) noexcept
{
    return a.source == b.source && a.kind == b.kind && a.service == b.service && a.protocol == b.protocol &&
           a.method == b.method && a.route == b.route;
}

// One service's records carry the very same bytes most of the time.
bool same(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    return a.empty() || a.data() == b.data() || std::memcmp(a.data(), b.data(), a.size()) == 0;
}

// Methods differ in these.
std::uint64_t first_bytes(std::string_view text) noexcept
{
    std::uint64_t word = 0;
    if (!text.empty())
        std::memcpy(&word, text.data(), std::min(text.size(), sizeof word));
    return word;
}

}  // namespace

operation_table::operation_table(model::observation_batch& batch)
    : batch_(batch), raw_slots_(first_slots), operation_slots_(first_slots)
{
}

operation_table::entry operation_table::find_or_add(
    const call_view& call, std::uint64_t target_hash, wire_fault& fault
)
{
    const auto traits = static_cast<std::uint32_t>(call.source) | static_cast<std::uint32_t>(call.kind) << 8 |
                        static_cast<std::uint32_t>(call.form) << 16;
    // The comparison below is complete, so the hash need not be.
    const std::uint64_t hash =
        mix64(target_hash + traits + (first_bytes(call.method) << 24) + 31 * hash_service(call.service));

    const std::size_t mask = raw_slots_.size() - 1;
    for (std::size_t at = hash & mask; raw_slots_[at].index_plus_1 != 0; at = (at + 1) & mask) {
        if (raw_slots_[at].hash != hash)
            continue;
        const raw_call& seen = raw_calls_[raw_slots_[at].index_plus_1 - 1];
        if (seen.traits == traits && same(seen.target, call.target) && same(seen.method, call.method) &&
            same(seen.service, call.service) && same(seen.protocol, call.protocol))
            return seen.operation;
    }
    return add(call, hash, traits, fault);
}

std::uint64_t operation_table::hash_service(std::string_view service) noexcept
{
    if (service.data() != last_service_.data() || service.size() != last_service_.size()) {
        last_service_ = service;
        last_service_hash_ = hash64(service);
    }
    return last_service_hash_;
}

operation_table::entry operation_table::add(
    const call_view& call, std::uint64_t hash, std::uint32_t traits, wire_fault& fault
)
{
    check_names(call, fault);
    if (fault)
        return {};
    const entry operation = find_or_add_operation(normalised_.normalise(call));
    if (raw_calls_.size() < raw_calls_max) {
        raw_calls_.push_back({hash, call.service, call.protocol, call.method, call.target, traits, operation});
        if (raw_calls_.size() * 2 > raw_slots_.size()) {
            raw_slots_.assign(raw_slots_.size() * 2, {});
            for (std::size_t i = 0; i < raw_calls_.size(); ++i)
                insert(raw_slots_, raw_calls_[i].hash, i);
        } else {
            insert(raw_slots_, hash, raw_calls_.size() - 1);
        }
    }
    return operation;
}

operation_table::entry operation_table::find_or_add_operation(const model::operation_view& view)
{
    const std::uint64_t id = model::operation_id(view);
    const std::size_t mask = operation_slots_.size() - 1;
    for (std::size_t at = id & mask; operation_slots_[at].index_plus_1 != 0; at = (at + 1) & mask) {
        const std::uint32_t index = operation_slots_[at].index_plus_1 - 1;
        if (operation_slots_[at].hash == id && same(batch_.operations[index], view))
            return {index, id};
    }

    batch_.operations.push_back(
        {view.source, view.kind, view.service, keep(view.protocol), keep(view.method), keep(view.route)}
    );
    ids_.push_back(id);
    if (ids_.size() * 2 > operation_slots_.size()) {
        operation_slots_.assign(operation_slots_.size() * 2, {});
        for (std::size_t i = 0; i < ids_.size(); ++i)
            insert(operation_slots_, ids_[i], i);
    } else {
        insert(operation_slots_, id, ids_.size() - 1);
    }
    return {static_cast<std::uint32_t>(ids_.size() - 1), id};
}

void operation_table::insert(slots& table, std::uint64_t hash, std::size_t index) noexcept
{
    const std::size_t mask = table.size() - 1;
    std::size_t at = hash & mask;
    while (table[at].index_plus_1 != 0)
        at = (at + 1) & mask;
    table[at] = {hash, static_cast<std::uint32_t>(index + 1)};
}

std::string_view operation_table::keep(std::string_view text)
{
    if (text.empty())
        return {};
    if (text.size() > arena_left_) {
        const std::size_t block = std::max(text.size(), arena_block_bytes);
        batch_.texts.push_back(std::make_unique_for_overwrite<char[]>(block));
        arena_ = batch_.texts.back().get();
        arena_left_ = block;
    }
    std::memcpy(arena_, text.data(), text.size());
    const std::string_view kept(arena_, text.size());
    arena_ += text.size();
    arena_left_ -= text.size();
    return kept;
}

}  // namespace reprise::telemetry
