#pragma once

#include "reprise/model/approval.hpp"
#include "reprise/store/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Rows only: who may decide what is the caller's rule (lifecycle).
namespace reprise::store {

struct approval_filter {
    std::optional<model::approval_state> state;
    std::string after;  // Cursor: the last id of the page before; empty: from the newest.
    std::size_t limit = 50;
};

constexpr std::size_t approvals_listed_max = 500;
constexpr std::size_t decisions_listed_max = 100;

// errc::conflict when the id is taken or the run already has a pending approval.
result<void> insert_approval(transaction& tx, const model::approval& approval);

result<std::optional<model::approval>> find_approval(const reader& from, std::string_view id);
// The newest of a run or incident, whatever its state.
result<std::optional<model::approval>> find_approval_by_run(const reader& from, std::string_view run_id);
result<std::optional<model::approval>> find_approval_by_incident(const reader& from, std::string_view incident_id);
// The newest of a run for one action.
result<std::optional<model::approval>> find_run_approval(
    const reader& from, std::string_view run_id, std::string_view action
);
// Newest first.
result<std::vector<model::approval>> list_approvals(const reader& from, const approval_filter& filter);

// Compare and set: errc::stale, errc::not_found. The version grows, in `approval` too.
result<void> save_approval(
    transaction& tx, model::approval& approval, std::int64_t expected_version, std::int64_t now_ns
);

// One decision per person and approval: errc::conflict for the second. The approval's version grows by
// one; the new version is returned (pass it to save_approval when the state changes as well).
result<std::int64_t> add_decision(transaction& tx, const model::decision& decision);
// In the order they were made.
result<std::vector<model::decision>> list_decisions(const reader& from, std::string_view approval_id);
// Decisions "approve" so far.
result<std::uint32_t> count_approvals_given(const reader& from, std::string_view approval_id);

// Pending ones whose time has passed, and approved ones decided before `decided_before_ns` that were
// not executed; oldest first.
result<std::vector<model::approval>> list_expired_approvals(const reader& from, std::int64_t now_ns, std::size_t limit);
result<std::vector<model::approval>> list_lapsed_approvals(
    const reader& from, std::int64_t decided_before_ns, std::size_t limit
);

// Pending ones of whose time half, or nine tenths, are over and nobody was told.
result<std::vector<model::approval>> list_reminders_due(
    const reader& from, std::int64_t now_ns, std::size_t limit
);
// Pending ones whose incident started over or got worse, or whose evidence is another one.
result<std::vector<model::approval>> list_moved_approvals(const reader& from, std::size_t limit);
// Sent back for changes, their time is over, and their run still waits.
result<std::vector<model::approval>> list_abandoned_changes(
    const reader& from, std::int64_t now_ns, std::size_t limit
);

struct approval_count {
    model::approval_state state = model::approval_state::pending;
    std::uint64_t count = 0;
};

// States without any are left out.
result<std::vector<approval_count>> count_approvals(const reader& from);
// When the oldest pending one was asked; 0: none is pending.
result<std::int64_t> find_oldest_pending_ns(const reader& from);

// What a rejection teaches. Completed with `chosen` when a later attempt for the incident is approved.
struct preference {
    std::string id;           // ULID.
    std::string incident_id;
    std::string run_id;
    std::string approval_id;
    std::string rejected;     // JSON record of what was rejected, by whom and why.
    std::string chosen;       // JSON, empty until completed.
    std::int64_t created_ns = 0;
    std::optional<std::int64_t> completed_ns;
};

result<void> insert_preference(transaction& tx, const preference& record);
// Every open one of the incident; returns how many.
result<std::uint64_t> complete_preferences(
    transaction& tx, std::string_view incident_id, std::string_view chosen, std::int64_t now_ns
);
constexpr std::size_t preferences_listed_max = 1000;
// By id, oldest first.
result<std::vector<preference>> list_preferences(
    const reader& from, std::string_view after, std::size_t limit, std::int64_t since_ns = 0
);

}  // namespace reprise::store
