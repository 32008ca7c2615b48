#pragma once

#include "reprise/model/incident.hpp"
#include "reprise/model/service.hpp"
#include "reprise/store/polling.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

// Incidents and services in sentinel's words: docs/compatibility.md.
namespace reprise::http {

// "test_generating" for reproducing; noise, duplicate and rejected are "wontfix".
std::string_view sentinel_status(model::incident_status status) noexcept;
// The statuses that a word stands for; empty for a word sentinel does not have.
std::vector<model::incident_status> statuses_of_sentinel(std::string_view word);

result<boost::json::object> load_sentinel_incident(const store::reader& from, const model::incident& incident);
// Evidence, results of runs and publications as "artifacts".
result<boost::json::array> load_sentinel_artifacts(const store::reader& from, const std::string& incident_id);

boost::json::object render_sentinel_service(const store::service_polling& settings);

}  // namespace reprise::http
