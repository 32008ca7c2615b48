#pragma once

#include "context.hpp"

#include "reprise/base/error.hpp"
#include "reprise/store/overview.hpp"
#include "reprise/store/transaction.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

// What the start page shows beside the counts. Each reads a bounded number of rows.
namespace reprise::http {

// "queue", "dead_letters", "incidents_snoozed".
void add_queue(boost::json::object& out, const store::overview_counts& counts);
// "lag": how late windows were stored in the last hour; absent while none was.
result<void> add_lag(boost::json::object& out, const store::reader& from, std::int64_t now_ns);
// "busy": the busiest services of the last hour, window by window, with what was deployed and repaired meanwhile.
result<void> add_busy_services(boost::json::object& out, const store::reader& from, std::int64_t now_ns);
// "integrations": what is connected and when it last worked.
result<void> add_integrations(boost::json::object& out, const store::reader& from);
// "storage"; absent where nobody measures it.
void add_storage(boost::json::object& out, const storage_figures& storage);

}  // namespace reprise::http
