#pragma once

#include "record_sample.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace reprise::pipeline {

constexpr std::uint32_t exemplar_bytes_max = 64 * 1024;       // A larger record is never an exemplar.
constexpr std::uint32_t exemplar_list_bytes_max = 64 * 1024;  // Of one operation's failing, slow or good ones.

// How many records each operation of a window may keep. The more operations there are, the fewer: 75 may keep all,
// at 150 it is half. A number of the window, not of its bytes: those would depend on the order of arrival.
struct exemplar_counts {
    std::uint32_t failing = 8;
    std::uint32_t slow = 8;
    std::uint32_t good = 12;

    static exemplar_counts for_operations(std::size_t operations) noexcept
    {
        const std::size_t shared_by = std::max<std::size_t>(operations, 1);
        const auto share = [shared_by](std::size_t all, std::size_t most) {
            return static_cast<std::uint32_t>(std::clamp<std::size_t>(all / shared_by, 4, most));
        };
        return {share(600, 8), share(600, 8), share(900, 12)};
    }
    bool operator==(const exemplar_counts&) const = default;
};

constexpr sample_limits exemplar_limits(std::uint32_t count_max) noexcept
{
    return {count_max, exemplar_list_bytes_max, exemplar_bytes_max};
}

// The records of one operation and window that a person or a replay may want to see.
struct operation_exemplars {
    record_sample failing;
    record_sample slow;  // The longest.
    record_sample good;  // Inbound exchanges answered well; candidates for the control.

    void lower(const exemplar_counts& counts)
    {
        failing.lower(counts.failing);
        slow.lower(counts.slow);
        good.lower(counts.good);
    }
};

// Complete inbound exchanges of one window and service. When a dependency call looks bad, the request that caused
// it is found here by its trace.
constexpr sample_limits inbound_limits{256, 1024 * 1024, 16 * 1024};

}  // namespace reprise::pipeline
