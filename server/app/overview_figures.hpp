#pragma once

#include "config.hpp"

#include "reprise/base/metrics.hpp"
#include "reprise/http/api.hpp"

#include <functional>

namespace reprise::store {
class database;
}

namespace reprise::app {

class otlp_intake;

// What came in since the start. Any thread.
http::intake_figures count_intake(const otlp_intake& intake);

// What the database, its log and the evidence take, and what is left where they lie. A few stat() calls; any thread.
// Database and metrics must outlive it.
std::function<http::storage_figures()> measure_storage(
    const config& settings, const store::database& database, metrics& numbers
);

}  // namespace reprise::app
