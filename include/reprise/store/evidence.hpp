#pragma once

#include "reprise/model/evidence.hpp"
#include "reprise/store/transaction.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace reprise::store {

constexpr std::size_t evidence_listed_max = 500;

// The row of an archived bundle, and of the object it is (archive_objects.hpp). errc::conflict when the id is
// taken. Its signal learns of it by set_signal_evidence, which is what people see.
result<void> insert_evidence(transaction& tx, const model::evidence& evidence);
result<std::optional<model::evidence>> find_evidence(const reader& from, std::string_view id);
// The newest of a signal.
result<std::optional<model::evidence>> find_signal_evidence(const reader& from, std::string_view signal_id);
// Of all signals of an incident, newest first.
result<std::vector<model::evidence>> list_incident_evidence(
    const reader& from, std::string_view incident_id, std::size_t limit
);
// Neither deleted nor known to be anywhere: nobody can read these any more.
result<std::vector<model::evidence>> list_evidence_without_object(const reader& from, std::size_t limit);

}  // namespace reprise::store
