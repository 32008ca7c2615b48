#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/store/transaction.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace reprise::store {

constexpr std::size_t evidence_listed_max = 500;

// The row of an archived bundle. errc::conflict when the id is taken. Its signal learns of it by
// set_signal_evidence, which is what people see.
result<void> insert_evidence(transaction& tx, const model::evidence& evidence);
result<std::optional<model::evidence>> find_evidence(const reader& from, std::string_view id);
// The newest of a signal.
result<std::optional<model::evidence>> find_signal_evidence(const reader& from, std::string_view signal_id);
// Of all signals of an incident, newest first.
result<std::vector<model::evidence>> list_incident_evidence(
    const reader& from, std::string_view incident_id, std::size_t limit
);

}  // namespace reprise::store
