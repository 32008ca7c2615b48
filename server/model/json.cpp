#include "reprise/model/json.hpp"

#include "reprise/base/time_text.hpp"
#include "reprise/model/observation.hpp"

#include <boost/json/array.hpp>

namespace reprise::model {
namespace {

boost::json::array to_json(const std::vector<std::string>& texts)
{
    boost::json::array list;
    for (const std::string& text : texts)
        list.emplace_back(text);
    return list;
}

}  // namespace

std::string operation_id_text(std::uint64_t id)
{
    return id != 0 ? span_to_hex(id) : std::string(16, '0');
}

boost::json::object to_json(const operation_view& operation)
{
    boost::json::object json;
    json["id"] = operation_id_text(operation_id(operation));
    json["source"] = to_text(operation.source);
    json["kind"] = to_text(operation.kind);
    json["service"] = operation.service;
    json["protocol"] = operation.protocol;
    json["method"] = operation.method;
    json["route"] = operation.route;
    json["name"] = operation_name(operation);
    return json;
}

boost::json::object to_json(const signal& value)
{
    boost::json::object json;
    json["id"] = value.id;
    json["kind"] = to_text(value.kind);
    json["severity"] = to_text(value.severity);
    json["operation"] = to_json(value.operation.view());
    json["window_start_at"] = format_rfc3339(value.window_start_ns);
    json["window_end_at"] = format_rfc3339(value.window_end_ns);
    json["metric"] = value.metric;
    json["unit"] = value.unit;
    json["observed"] = value.observed;
    json["observed_k"] = value.observed_k;
    json["observed_n"] = value.observed_n;
    json["baseline"] = value.baseline;
    json["baseline_k"] = value.baseline_k;
    json["baseline_n"] = value.baseline_n;
    json["baseline_windows"] = value.baseline_windows;
    json["effect"] = value.effect;
    if (value.p_value)
        json["p_value"] = *value.p_value;
    json["rule"] = value.rule;
    json["explanation"] = value.explanation;
    json["sensitivity"] = value.sensitivity;
    boost::json::array numbers;
    for (const auto& [name, number] : value.numbers)
        numbers.push_back(boost::json::object{{"name", name}, {"value", number}});
    json["numbers"] = std::move(numbers);
    json["fingerprint"] = value.fingerprint;
    json["confirm_with"] = to_text(value.confirm_with);
    json["gate"] = value.gate;
    json["trace_ids"] = to_json(value.trace_ids);
    if (!value.evidence_id.empty())
        json["evidence_id"] = value.evidence_id;
    if (!value.incident_id.empty())
        json["incident_id"] = value.incident_id;
    if (!value.suppressed_by.empty())
        json["suppressed_by"] = value.suppressed_by;
    return json;
}

}  // namespace reprise::model
