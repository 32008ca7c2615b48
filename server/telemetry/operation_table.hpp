#pragma once

#include "call.hpp"

#include "reprise/model/observation.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace reprise::telemetry {

// The distinct operations of one batch. A raw call seen before costs one hash and one comparison; a
// new one is normalised into the batch's texts, or taken from what earlier batches of this thread learned.
// Raw calls are compared in full, never by hash alone. The tables themselves belong to the thread and are
// used again, so that in the steady state nothing is allocated per call. Not for several threads.
class operation_table {
public:
    // Past this many distinct raw calls of one batch, further ones are normalised each time.
    static constexpr std::size_t raw_calls_max = 65'536;
    // A thread keeps its tables from batch to batch up to this many raw calls.
    static constexpr std::size_t raw_calls_kept_max = 8192;

    explicit operation_table(model::observation_batch& batch);
    ~operation_table();
    operation_table(const operation_table&) = delete;
    operation_table& operator=(const operation_table&) = delete;

    // The index in batch.operations and the id. A kept name that is not UTF-8 is a fault.
    struct entry {
        std::uint32_t index = 0;
        std::uint64_t id = 0;
    };
    // `target_hash` is hash64() of call.target.
    entry find_or_add(const call_view& call, std::uint64_t target_hash, wire_fault& fault);

private:
    struct tables;
    struct spare_tables;

    entry add(const call_view& call, std::uint64_t hash, std::uint32_t traits, wire_fault& fault);
    entry find_or_add_operation(const model::operation_view& view, const std::uint64_t* known_id);
    std::string_view keep(std::string_view text);
    std::uint64_t hash_service(std::string_view service) noexcept;

    model::observation_batch& batch_;
    std::unique_ptr<tables> tables_;
    std::string_view last_service_;  // A resource names it once for all its spans.
    std::uint64_t last_service_hash_ = 0;
    char* arena_ = nullptr;
    std::size_t arena_left_ = 0;
    std::size_t arena_block_bytes_ = 0;
};

}  // namespace reprise::telemetry
