#include "reprise/telemetry/rrpair.hpp"

#include "json_value.hpp"
#include "rrpair_object.hpp"

#include <boost/json/serialize.hpp>

namespace reprise::telemetry {

result<model::exchange> parse_rrpair_json(std::string_view text, std::string_view service)
{
    const auto value = parse_json(text);
    if (!value || !value->is_object())
        return errc::malformed_json;
    return parse_rrpair_object(value->get_object(), service);
}

std::string write_rrpair_json(const model::exchange& exchange)
{
    return boost::json::serialize(rrpair_object(exchange));
}

}  // namespace reprise::telemetry
