#pragma once

#include "call.hpp"

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace reprise::telemetry {

// The distinct operations of one batch. A raw call seen before costs one hash and one comparison; a
// new one is normalised into the batch's texts. Raw calls are compared in full, never by hash alone.
class operation_table {
public:
    // Past this many distinct raw calls of one batch, further ones are normalised each time.
    static constexpr std::size_t raw_calls_max = 65'536;

    explicit operation_table(model::observation_batch& batch);

    // The index in batch.operations and the id. A kept name that is not UTF-8 is a fault.
    struct entry {
        std::uint32_t index = 0;
        std::uint64_t id = 0;
    };
    // `target_hash` is hash64() of call.target.
    entry find_or_add(const call_view& call, std::uint64_t target_hash, wire_fault& fault);

private:
    struct raw_call {
        std::uint64_t hash = 0;
        std::string_view service;
        std::string_view protocol;
        std::string_view method;
        std::string_view target;
        std::uint32_t traits = 0;  // Source, kind and form.
        entry operation;
    };

    // Open addressing over indices + 1 into a vector; 0 is free.
    struct slot {
        std::uint64_t hash = 0;
        std::uint32_t index_plus_1 = 0;
    };
    using slots = std::vector<slot>;

    entry add(const call_view& call, std::uint64_t hash, std::uint32_t traits, wire_fault& fault);
    entry find_or_add_operation(const model::operation_view& view);
    std::string_view keep(std::string_view text);
    static void insert(slots& table, std::uint64_t hash, std::size_t index) noexcept;

    std::uint64_t hash_service(std::string_view service) noexcept;

    model::observation_batch& batch_;
    std::string_view last_service_;  // A resource names it once for all its spans.
    std::uint64_t last_service_hash_ = 0;
    std::vector<raw_call> raw_calls_;
    slots raw_slots_;
    std::vector<std::uint64_t> ids_;
    slots operation_slots_;
    operation_text normalised_;
    char* arena_ = nullptr;
    std::size_t arena_left_ = 0;
};

}  // namespace reprise::telemetry
