#include "reprise/replay/compare.hpp"

#include <boost/json/array.hpp>

namespace reprise::replay {

namespace json = boost::json;

std::string_view to_text(difference_kind value) noexcept
{
    switch (value) {
    case difference_kind::missing: return "missing";
    case difference_kind::added: return "added";
    case difference_kind::type: return "type";
    case difference_kind::value: return "value";
    case difference_kind::order: return "order";
    }
    return "";
}

std::string_view to_text(field_verdict value) noexcept
{
    switch (value) {
    case field_verdict::regressed: return "regressed";
    case field_verdict::noise: return "noise";
    case field_verdict::ignored: return "ignored";
    }
    return "";
}

std::string_view to_text(operation_verdict value) noexcept
{
    switch (value) {
    case operation_verdict::same: return "same";
    case operation_verdict::noise: return "noise";
    case operation_verdict::regressed: return "regressed";
    }
    return "";
}

json::object to_json(const difference& value)
{
    json::object made{{"path", telemetry::shown_text(value.path, telemetry::body_path_bytes_max)},
                      {"kind", to_text(value.kind)},
                      {"left", value.left},
                      {"right", value.right},
                      {"ignored", value.ignored}};
    if (value.cause != telemetry::value_form::plain)
        made["cause"] = telemetry::to_text(value.cause);
    if (value.ignored)
        made["why"] = telemetry::shown_text(value.why, telemetry::body_path_bytes_max);
    return made;
}

json::object to_json(const answer_comparison& value)
{
    json::array differences;
    for (const difference& one : value.differences)
        differences.push_back(to_json(one));
    return {{"matches", value.matches()}, {"differences", std::move(differences)}, {"left_out", value.left_out}};
}

json::object to_json(const compare_report& value)
{
    json::array operations;
    for (const operation_summary& operation : value.operations) {
        json::array fields;
        for (const field_summary& field : operation.fields)
            fields.push_back(json::object{
                {"field", telemetry::shown_text(field.field, telemetry::body_path_bytes_max)},
                {"raw", field.raw},
                {"ignored", field.ignored},
                {"noise", field.noise},
                {"share", field.share},
                {"verdict", to_text(field.verdict)},
                {"first", to_json(field.first)}});
        operations.push_back(json::object{{"operation", telemetry::shown_text(operation.operation, 1024)},
                                          {"requests", operation.requests},
                                          {"matched", operation.matched},
                                          {"pairs", operation.pairs},
                                          {"left_out", operation.left_out},
                                          {"verdict", to_text(operation.verdict)},
                                          {"fields", std::move(fields)}});
    }
    return {{"requests", value.requests},
            {"matched", value.matched},
            {"match_share", value.match_share},
            {"left_out", value.left_out},
            {"operations", std::move(operations)}};
}

}  // namespace reprise::replay
