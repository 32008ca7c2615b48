#pragma once

#include "reprise/store/transaction.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace reprise::store {

// The counts of the start page.
struct overview_counts {
    std::uint64_t incidents_open = 0;
    std::array<std::uint64_t, 4> incidents_by_severity{};  // Open ones, by model::severity.
    std::uint64_t approvals_pending = 0;
    std::optional<std::int64_t> approval_oldest_ns;        // Creation of the oldest pending one.
    std::uint64_t runs_active = 0;
    std::uint64_t services = 0;
    std::uint64_t operations = 0;
    std::uint64_t signals_last_hour = 0;                   // By their window's end.
    std::uint64_t records_total = 0;                       // Counted in closed windows.
    std::optional<std::int64_t> last_record_ns;
};

result<overview_counts> load_overview(const reader& from, std::int64_t now_ns);

}  // namespace reprise::store
