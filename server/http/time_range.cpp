#include "time_range.hpp"

#include "reprise/base/time_text.hpp"

#include <string>

namespace reprise::http {

checked<std::int64_t> read_query_time(const net::request& req, std::string_view name, std::int64_t fallback)
{
    const auto text = req.find_query(name);
    if (!text || text->empty())
        return fallback;
    const auto time_ns = parse_rfc3339(*text);
    if (!time_ns)
        return refuse(std::string(name) + " must be a time like 2026-11-21T03:59:35Z.");
    return *time_ns;
}

checked<time_range> read_time_range(const net::request& req)
{
    time_range range;
    const auto from_ns = read_query_time(req, "from", 0);
    if (!from_ns)
        return from_ns.error();
    const auto to_ns = read_query_time(req, "to", 0);
    if (!to_ns)
        return to_ns.error();
    range.from_ns = *from_ns;
    range.to_ns = *to_ns;
    if (range.to_ns > 0 && range.to_ns <= range.from_ns)
        return refuse("to must be later than from.");
    return range;
}

}  // namespace reprise::http
