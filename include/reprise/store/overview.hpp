#pragma once

#include "reprise/store/transaction.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

// The counts of the start page.
struct overview_counts {
    std::uint64_t incidents_open = 0;
    std::array<std::uint64_t, 4> incidents_by_severity{};  // Open ones, by model::severity.
    std::uint64_t approvals_pending = 0;
    std::optional<std::int64_t> approval_oldest_ns;        // Creation of the oldest pending one.
    std::uint64_t runs_active = 0;
    std::uint64_t runs_queued = 0;                         // Of these; failed ones that will try again, too.
    std::uint64_t runs_running = 0;
    std::uint64_t runs_waiting = 0;                        // For people to release.
    std::uint64_t runs_paused = 0;
    std::optional<std::int64_t> run_oldest_ns;             // Creation of the oldest active one.
    std::uint64_t dead_letters = 0;
    std::uint64_t incidents_snoozed = 0;                   // Of the open ones.
    std::uint64_t services = 0;
    std::uint64_t operations = 0;
    std::uint64_t signals_last_hour = 0;                   // By their window's end.
    std::uint64_t records_total = 0;                       // Counted in closed windows.
    std::optional<std::int64_t> last_record_ns;
};

result<overview_counts> load_overview(const reader& from, std::int64_t now_ns);

// What was published to repair a service.
struct published_fix {
    std::string incident_id;
    std::string title;
    std::int64_t at_ns = 0;
};

constexpr std::size_t fixed_incidents_looked_at = 50;  // The newest of the service.

// Pull requests since then, newest first.
result<std::vector<published_fix>> list_published_fixes(
    const reader& from, std::string_view service, std::int64_t since_ns, std::size_t limit
);

}  // namespace reprise::store
