#pragma once

#include "sql_text.hpp"

#include "reprise/model/incident.hpp"

#include <tuple>

namespace reprise::store {

struct incident_row {
    using value_type = model::incident;

    static constexpr auto fixed_names = sql_text("id, service, opened_ns");
    static constexpr auto changing_names = sql_text(
        "title, explanation, severity, status, phase, reason, generation, occurrences, signal_count, recurred,"
        " updated_ns, first_seen_ns, last_seen_ns, resolved_ns, assigned_to, snoozed_until_ns, snooze_reason,"
        " snoozed_by"
    );
    static constexpr auto names = fixed_names + ", " + changing_names + ", version";

    static auto fixed(auto& row) { return std::tie(row.id, row.service, row.opened_ns); }
    static auto changing(auto& row)
    {
        return std::tie(
            row.title, row.explanation, row.severity, row.status, row.phase, row.reason, row.generation,
            row.occurrences, row.signal_count, row.recurred, row.updated_ns, row.first_seen_ns, row.last_seen_ns,
            row.resolved_ns, row.assigned_to, row.snoozed_until_ns, row.snooze_reason, row.snoozed_by
        );
    }
    static auto columns(auto& row) { return std::tuple_cat(fixed(row), changing(row), std::tie(row.version)); }
};

}  // namespace reprise::store
