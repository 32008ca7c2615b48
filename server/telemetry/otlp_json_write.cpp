#include "reprise/telemetry/otlp_json_write.hpp"

#include "rrpair_object.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <map>
#include <string_view>

namespace reprise::telemetry {
namespace {

namespace json = boost::json;

json::value any_value_of(const json::value& value);

json::object key_value_of(std::string_view key, json::value value)
{
    return {{"key", key}, {"value", std::move(value)}};
}

json::value list_of(const json::array& array)
{
    json::array values;
    for (const json::value& item : array)
        values.push_back(any_value_of(item));
    return json::object{{"arrayValue", json::object{{"values", std::move(values)}}}};
}

json::value kvlist_of(const json::object& object)
{
    json::array values;
    for (const auto& [key, item] : object)
        values.push_back(key_value_of(key, any_value_of(item)));
    return json::object{{"kvlistValue", json::object{{"values", std::move(values)}}}};
}

// 64-bit integers are text in OTLP/JSON; null is a value without a kind.
json::value any_value_of(const json::value& value)
{
    switch (value.kind()) {
    case json::kind::string: return json::object{{"stringValue", value}};
    case json::kind::bool_: return json::object{{"boolValue", value}};
    case json::kind::int64: return json::object{{"intValue", std::to_string(value.get_int64())}};
    case json::kind::uint64: return json::object{{"doubleValue", static_cast<double>(value.get_uint64())}};
    case json::kind::double_: return json::object{{"doubleValue", value}};
    case json::kind::array: return list_of(value.get_array());
    case json::kind::object: return kvlist_of(value.get_object());
    case json::kind::null: break;
    }
    return json::object();
}

json::object log_record_of(const model::exchange& exchange)
{
    const std::string time = std::to_string(exchange.start_ns);
    json::object record{{"timeUnixNano", time}, {"observedTimeUnixNano", time}};
    record["body"] = kvlist_of(rrpair_object(exchange));
    if (exchange.trace) {
        record["traceId"] = model::to_hex(exchange.trace);
        if (exchange.span != 0)
            record["spanId"] = model::span_to_hex(exchange.span);
    }
    return record;
}

}  // namespace

std::string write_otlp_json_line(std::span<const model::exchange> exchanges)
{
    std::map<std::string_view, json::array> by_service;
    for (const model::exchange& exchange : exchanges)
        by_service[exchange.operation.service].push_back(log_record_of(exchange));

    json::array resources;
    for (auto& [service, records] : by_service) {
        json::array attributes;
        attributes.push_back(key_value_of("service.name", json::object{{"stringValue", service}}));
        json::array scopes;
        scopes.push_back(
            json::object{{"scope", json::object{{"name", "reprise"}}}, {"logRecords", std::move(records)}}
        );
        resources.push_back(
            json::object{
                {"resource", json::object{{"attributes", std::move(attributes)}}}, {"scopeLogs", std::move(scopes)}}
        );
    }
    return json::serialize(json::object{{"resourceLogs", std::move(resources)}});
}

}  // namespace reprise::telemetry
