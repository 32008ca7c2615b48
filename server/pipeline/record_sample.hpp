#pragma once

#include "reprise/model/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace reprise::pipeline {

// Smaller is kept: by what the sample is after, then by a hash of the whole record.
struct record_rank {
    std::uint64_t first = 0;
    std::uint64_t content = 0;
    auto operator<=>(const record_rank&) const = default;
};

// A record that was kept. Its bytes are the sample's: valid until the next offer().
struct kept_record {
    model::trace_id trace;
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    std::uint32_t operation = 0;  // Slot in the service.
    model::outcome outcome = model::outcome::ok;
    std::string_view bytes;
};

struct sample_limits {
    std::uint32_t count_max = 0;
    std::uint32_t bytes_max = 0;         // Of all records together.
    std::uint32_t record_bytes_max = 0;  // A larger record is never kept. At most bytes_max.
};

// Keeps the records of lowest rank: as many of them, in the order of their ranks, as fit count_max and bytes_max
// together. Once a record was left out, nothing of its rank or above comes in again, so that what is kept
// depends on the records offered and not on their order; the same record twice counts once. The bytes lie in one
// block that grows by what is needed. Not for several threads.
class record_sample {
public:
    // `limits` may differ between calls, but count_max only fall.
    void offer(
        std::uint64_t rank, std::uint32_t operation, const model::observation& call, std::string_view bytes,
        const sample_limits& limits
    )
    {
        if (rank <= limit_.first && bytes.size() <= limits.record_bytes_max)
            offer_low(rank, operation, call, bytes, limits);
    }

    // Lets go of the records beyond a lower count.
    void lower(std::uint32_t count_max);

    // By rising rank.
    std::vector<kept_record> list() const;
    std::size_t size() const noexcept { return entries_.size(); }

    std::size_t memory_bytes() const noexcept { return entries_.capacity() * sizeof(entry) + block_.capacity(); }

private:
    struct entry {
        record_rank rank;
        model::trace_id trace;
        std::uint64_t span;
        std::int64_t start_ns;
        std::int64_t duration_ns;
        std::uint32_t operation;
        std::uint32_t offset;
        std::uint32_t size;
        model::outcome outcome;
    };

    void offer_low(
        std::uint64_t rank, std::uint32_t operation, const model::observation& call, std::string_view bytes,
        const sample_limits& limits
    );
    bool holds(std::uint64_t rank, const model::observation& call, std::string_view bytes) const noexcept;
    std::string_view bytes_of(const entry& one) const noexcept;
    void drop_last();
    std::uint32_t store(std::string_view bytes);
    void close_gaps();

    std::vector<entry> entries_;  // By rising rank.
    std::vector<char> block_;
    std::size_t bytes_ = 0;       // Of the entries; the block may have gaps.
    record_rank limit_{UINT64_MAX, UINT64_MAX};
};

}  // namespace reprise::pipeline
