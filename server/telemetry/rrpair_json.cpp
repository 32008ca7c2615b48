#include "reprise/telemetry/rrpair.hpp"

#include "json_value.hpp"
#include "rrpair_object.hpp"

#include <boost/json/serialize.hpp>

namespace reprise::telemetry {

result<model::exchange> parse_rrpair_json(std::string_view text, std::string_view service, std::size_t* offset)
{
    std::size_t stopped = 0;
    const auto value = parse_json(text, &stopped);
    if (!value && offset != nullptr)
        *offset = stopped;
    if (!value || !value->is_object())
        return errc::malformed_json;
    return parse_rrpair_object(value->get_object(), service);
}

std::string write_rrpair_json(const model::exchange& exchange)
{
    return boost::json::serialize(rrpair_object(exchange));
}

}  // namespace reprise::telemetry
