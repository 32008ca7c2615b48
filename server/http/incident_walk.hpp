#pragma once

#include "inputs.hpp"

#include "reprise/model/incident.hpp"
#include "reprise/store/transaction.hpp"

#include <cstddef>
#include <string>
#include <vector>

// Lists of incidents as others page them: by offset, and by several statuses at once.
namespace reprise::http {

constexpr std::size_t walked_offset_max = 10'000;  // Further ones are for our own cursor.
constexpr std::size_t walked_limit_max = 200;

struct incident_walk {
    std::vector<model::incident_status> statuses;  // Empty: any.
    std::string service;                           // Empty: any.
    std::size_t offset = 0;
    std::size_t limit = 50;
};

// `limit` and `offset` of the request over the walk's defaults.
checked<incident_walk> read_walk(const net::request& req, incident_walk walk);

// Newest first. Reads what it skips.
result<std::vector<model::incident>> walk_incidents(const store::reader& from, const incident_walk& walk);

}  // namespace reprise::http
