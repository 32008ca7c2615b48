#include "operation_table.hpp"

#include "known_calls.hpp"

#include "reprise/base/hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::size_t slots_min = 256;
constexpr std::size_t arena_block_bytes_min = 4096;
constexpr std::size_t arena_block_bytes_max = 256 * 1024;

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
    return load_short(text.data(), text.size());
}

// Open addressing over indices into a list; at most half full.
class slot_table {
public:
    // Room for `count` entries, all free.
    void reset(std::size_t count) { slots_.assign(std::bit_ceil(std::max(slots_min, 2 * count)), {}); }
    bool has_room_for(std::size_t count) const noexcept { return count * 2 <= slots_.size(); }

    // The index for which same(index) holds among those of this hash, or none.
    template <class Same>
    const std::uint32_t* find(std::uint64_t hash, Same same_entry) const noexcept
    {
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t at = hash & mask; slots_[at].taken; at = (at + 1) & mask) {
            if (slots_[at].hash == hash && same_entry(slots_[at].index))
                return &slots_[at].index;
        }
        return nullptr;
    }

    void insert(std::uint64_t hash, std::size_t index) noexcept
    {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hash & mask;
        while (slots_[at].taken)
            at = (at + 1) & mask;
        slots_[at] = {hash, static_cast<std::uint32_t>(index), true};
    }

private:
    struct slot {
        std::uint64_t hash = 0;
        std::uint32_t index = 0;
        bool taken = false;
    };
    std::vector<slot> slots_;
};

// Adds the last of the entries, and all of them again when there is no room.
template <class Entries, class HashOf>
void insert_last(slot_table& slots, const Entries& entries, HashOf hash_of)
{
    if (slots.has_room_for(entries.size())) {
        slots.insert(hash_of(entries.back()), entries.size() - 1);
        return;
    }
    slots.reset(2 * entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
        slots.insert(hash_of(entries[i]), i);
}

struct raw_call {
    std::uint64_t hash = 0;
    std::string_view service;
    std::string_view protocol;
    std::string_view method;
    std::string_view target;
    std::uint32_t traits = 0;  // Source, kind and form.
    operation_table::entry operation;
};

}  // namespace

struct operation_table::tables {
    known_calls known;
    operation_text normalised;
    std::vector<raw_call> raw_calls;
    slot_table raw_slots;
    std::vector<std::uint64_t> operations;  // Hashes within the batch: the id takes longer and only new ones need it.
    slot_table operation_slots;
};

// The thread's own, while no batch uses them.
struct operation_table::spare_tables {
    static std::unique_ptr<tables>& of_thread()
    {
        thread_local std::unique_ptr<tables> spare;
        return spare;
    }
};

operation_table::operation_table(model::observation_batch& batch)
    : batch_(batch), tables_(std::move(spare_tables::of_thread()))
{
    if (!tables_)
        tables_ = std::make_unique<tables>();
    // The batch before says how many there will be.
    tables_->raw_slots.reset(tables_->raw_calls.size());
    tables_->operation_slots.reset(tables_->operations.size());
    batch_.operations.reserve(tables_->operations.size());
    batch_.operation_ids.reserve(tables_->operations.size());
    tables_->raw_calls.clear();
    tables_->operations.clear();
}

operation_table::~operation_table()
{
    if (tables_->raw_calls.capacity() <= raw_calls_kept_max)
        spare_tables::of_thread() = std::move(tables_);
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

    const auto& raw_calls = tables_->raw_calls;
    const std::uint32_t* const found = tables_->raw_slots.find(hash, [&](std::uint32_t index) {
        const raw_call& seen = raw_calls[index];
        return seen.traits == traits && same(seen.target, call.target) && same(seen.method, call.method) &&
               same(seen.service, call.service) && same(seen.protocol, call.protocol);
    });
    return found != nullptr ? raw_calls[*found].operation : add(call, hash, traits, fault);
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
    entry operation;
    if (const known_calls::known* known = tables_->known.find(call, hash)) {
        model::operation_view view = known->operation;
        view.service = call.service;
        operation = find_or_add_operation(view, &known->id);
    } else {
        check_names(call, fault);
        if (fault)
            return {};
        const model::operation_view view = tables_->normalised.normalise(call);
        operation = find_or_add_operation(view, nullptr);
        tables_->known.note(call, hash, {view, operation.id});
    }
    if (tables_->raw_calls.size() < raw_calls_max) {
        tables_->raw_calls.push_back({hash, call.service, call.protocol, call.method, call.target, traits, operation});
        insert_last(tables_->raw_slots, tables_->raw_calls, [](const raw_call& one) { return one.hash; });
    }
    return operation;
}

operation_table::entry operation_table::find_or_add_operation(
    const model::operation_view& view, const std::uint64_t* known_id
)
{
    const std::uint64_t hash = mix64(
        hash64(view.route) + static_cast<std::uint64_t>(view.kind) + (first_bytes(view.method) << 24) +
        31 * hash_service(view.service)
    );
    const std::uint32_t* const found = tables_->operation_slots.find(hash, [&](std::uint32_t index) {
        return same(batch_.operations[index], view);
    });
    if (found != nullptr)
        return {*found, batch_.operation_ids[*found]};

    const std::uint64_t id = known_id != nullptr ? *known_id : model::operation_id(view);
    batch_.operations.push_back(
        {view.source, view.kind, view.service, keep(view.protocol), keep(view.method), keep(view.route)}
    );
    batch_.operation_ids.push_back(id);
    tables_->operations.push_back(hash);
    insert_last(tables_->operation_slots, tables_->operations, [](std::uint64_t one) { return one; });
    return {static_cast<std::uint32_t>(tables_->operations.size() - 1), id};
}

std::string_view operation_table::keep(std::string_view text)
{
    if (text.empty())
        return {};
    if (text.size() > arena_left_) {
        arena_block_bytes_ = std::clamp(2 * arena_block_bytes_, arena_block_bytes_min, arena_block_bytes_max);
        const std::size_t block = std::max(text.size(), arena_block_bytes_);
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
