#include "fuzz_target.hpp"
#include "require.hpp"

#include "reprise/telemetry/normalise.hpp"

// Templates are bounded and stay what they are; statements that are no SQL may change once more.
namespace reprise::fuzz {

void normalise(std::string_view input)
{
    constexpr std::size_t mark_bytes = 4;  // "/...", " ..."
    const std::string route = telemetry::normalise_route(input);
    require(route.size() <= telemetry::route_bytes_max + mark_bytes, "a route over its limit");
    require_same(telemetry::normalise_route(route), route, "route");

    const std::string sql = telemetry::normalise_sql(input);
    require(sql.size() <= telemetry::sql_bytes_max + mark_bytes, "a statement over its limit");
    require(!telemetry::sql_verb(input).empty(), "a statement without a verb");

    const std::string message = telemetry::normalise_message(input);
    require(message.size() <= telemetry::message_bytes_max, "a message over its limit");
    // Where a message is cut, its last word may look like a whole one.
    if (message.size() + mark_bytes < telemetry::message_bytes_max)
        require_same(telemetry::normalise_message(message), message, "message");
}

}  // namespace reprise::fuzz
