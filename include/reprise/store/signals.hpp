#pragma once

#include "reprise/model/signal.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::store {

struct signal_filter {
    std::string service;                     // Empty: any.
    std::optional<model::signal_kind> kind;
    std::optional<bool> suppressed;          // Kept quiet by a suppression, or not.
    std::int64_t ended_since_ns = 0;         // Window end at or after; 0: any.
    std::int64_t raised_from_ns = 0;         // Raised at or after, to the millisecond; 0: any.
    std::int64_t raised_to_ns = 0;           // Raised before; 0: any.
    std::string after;                       // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

constexpr std::size_t signals_listed_max = 500;

// errc::conflict when the id is taken.
result<void> insert_signal(transaction& tx, const model::signal& signal, std::int64_t now_ns);

// errc::not_found.
result<void> set_signal_evidence(
    transaction& tx, std::string_view signal_id, std::string_view evidence_id, std::int64_t now_ns
);
result<void> set_signal_incident(
    transaction& tx, std::string_view signal_id, std::string_view incident_id, std::int64_t now_ns
);

result<std::optional<model::signal>> find_signal(const reader& from, std::string_view id);
// Newest first.
result<std::vector<model::signal>> list_signals(const reader& from, const signal_filter& filter);
// Of one incident, newest first.
result<std::vector<model::signal>> list_incident_signals(
    const reader& from, std::string_view incident_id, std::size_t limit
);
// With this fingerprint, of windows that ended at or after since_ns, that belong to no incident and are not suppressed:
// oldest first.
result<std::vector<model::signal>> list_unplaced_signals(
    const reader& from, std::string_view fingerprint, std::int64_t since_ns, std::size_t limit
);
// Each kind once, in the order of the enum.
result<std::vector<model::signal_kind>> list_incident_kinds(const reader& from, std::string_view incident_id);

}  // namespace reprise::store
