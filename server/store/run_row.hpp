#pragma once

#include "sql_text.hpp"

#include "reprise/model/run.hpp"
#include "reprise/store/transaction.hpp"

#include <tuple>

namespace reprise::store {

struct run_row {
    using value_type = model::run;

    static constexpr auto fixed_names = sql_text(
        "id, kind, incident_id, generation, requested_by, created_ns, input, counted"
    );
    static constexpr auto changing_names = sql_text(
        "evidence_id, signal_id, state, step, attempt, attempts_max, not_before_ns, verdict, result, error, risk,"
        " priority, progress, hold, hold_why, updated_ns"
    );
    static constexpr auto lease_names = sql_text("lease_epoch, lease_owner, lease_until_ns, version");
    static constexpr auto names = fixed_names + ", " + changing_names + ", " + lease_names;

    static auto changing(auto& row)
    {
        return std::tie(
            row.evidence_id, row.signal_id, row.state, row.step, row.attempt, row.attempts_max, row.not_before_ns,
            row.verdict, row.result, row.error, row.risk, row.priority, row.progress, row.hold, row.hold_why,
            row.updated_ns
        );
    }
    static auto columns(auto& row)
    {
        return std::tuple_cat(
            std::tie(
                row.id, row.kind, row.incident_id, row.generation, row.requested_by, row.created_ns, row.input,
                row.counted
            ),
            changing(row), std::tie(row.lease_epoch, row.lease_owner, row.lease_until_ns, row.version)
        );
    }
};

// Its live events, on both topics.
result<void> announce_run(transaction& tx, const model::run& run);

}  // namespace reprise::store
