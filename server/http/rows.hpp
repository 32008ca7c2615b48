#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/approval.hpp"
#include "reprise/model/detection.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/service.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <span>

// Aggregates whose shape needs a second look into the database.
namespace reprise::http {

result<boost::json::object> load_incident_row(const store::reader& from, const model::incident& incident);
result<boost::json::object> load_approval_row(const store::reader& from, const model::approval& approval);
// `now_ns` decides whether its time is over.
result<boost::json::object> load_suppression_row(
    const store::reader& from, const model::suppression& what, std::int64_t now_ns
);
result<boost::json::object> load_service_row(const store::reader& from, const model::service& service);

result<boost::json::array> load_incident_rows(const store::reader& from, std::span<const model::incident> incidents);
result<boost::json::array> load_approval_rows(const store::reader& from, std::span<const model::approval> approvals);

}  // namespace reprise::http
