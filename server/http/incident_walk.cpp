#include "incident_walk.hpp"

#include "reprise/store/incidents.hpp"

#include <algorithm>

namespace reprise::http {
namespace {

constexpr std::size_t page_rows = 500;
constexpr std::size_t pages_max = 40;  // Of the store; what no page of these holds is not found.

}  // namespace

checked<incident_walk> read_walk(const net::request& req, incident_walk walk)
{
    const auto limit = read_number(req, "limit", static_cast<std::int64_t>(walk.limit));
    if (!limit)
        return limit.error();
    const auto offset = read_number(req, "offset", 0);
    if (!offset)
        return offset.error();
    if (*limit < 1 || *limit > static_cast<std::int64_t>(walked_limit_max))
        return refuse("limit must be from 1 to 200.");
    if (*offset < 0 || *offset > static_cast<std::int64_t>(walked_offset_max))
        return refuse("offset must be from 0 to 10000; /api/v1/incidents pages without an end.");
    walk.limit = static_cast<std::size_t>(*limit);
    walk.offset = static_cast<std::size_t>(*offset);
    return walk;
}

result<std::vector<model::incident>> walk_incidents(const store::reader& from, const incident_walk& walk)
{
    store::incident_filter filter;
    filter.service = walk.service;
    filter.limit = page_rows;
    if (walk.statuses.size() == 1)
        filter.status = walk.statuses.front();
    const auto wanted = [&walk](model::incident_status status) {
        return walk.statuses.empty() || std::find(walk.statuses.begin(), walk.statuses.end(), status) !=
                                            walk.statuses.end();
    };
    std::vector<model::incident> found;
    std::size_t passed = 0;
    for (std::size_t page = 0; page < pages_max; ++page) {
        auto rows = store::list_incidents(from, filter);
        if (!rows)
            return rows.error();
        for (model::incident& row : *rows) {
            filter.after = row.id;
            if (!wanted(row.status) || ++passed <= walk.offset)
                continue;
            found.push_back(std::move(row));
            if (found.size() == walk.limit)
                return found;
        }
        if (rows->size() < page_rows)
            break;
    }
    return found;
}

}  // namespace reprise::http
