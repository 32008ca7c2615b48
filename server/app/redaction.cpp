#include "redaction.hpp"

namespace reprise::app {
namespace {

template <class Rule>
std::optional<config_error> read_list(
    std::string_view key, const std::vector<std::string>& items, std::vector<Rule>& into,
    telemetry::decode_result<Rule> (*parse)(std::string_view)
)
{
    for (const std::string& item : items) {
        auto rule = parse(item);
        if (!rule)
            return config_error{std::string(key) + ": '" + item + "' " + rule.error().reason};
        into.push_back(std::move(*rule));
    }
    return std::nullopt;
}

}  // namespace

config_result<telemetry::redaction_rules> redaction_rules_of(const config& settings)
{
    telemetry::redaction_rules rules;
    rules.drops_bodies = settings.redaction_bodies == "drop";
    if (!rules.drops_bodies && !settings.redaction_keep_bodies.empty())
        return config_error{
            "redaction.keep_bodies: has no effect while redaction.bodies = keep; set redaction.bodies = drop, or leave "
            "the list out"};
    for (auto& wrong :
         {read_list(
              "redaction.keep_bodies", settings.redaction_keep_bodies, rules.keep_bodies, telemetry::parse_route_pattern
          ),
          read_list(
              "redaction.drop_bodies", settings.redaction_drop_bodies, rules.drop_bodies, telemetry::parse_route_pattern
          ),
          read_list(
              "redaction.allow_fields", settings.redaction_allow_fields, rules.allow_fields,
              telemetry::parse_field_pattern
          ),
          read_list(
              "redaction.secret_names", settings.redaction_secret_names, rules.secret_names,
              telemetry::parse_secret_name
          ),
          read_list(
              "redaction.allow_headers", settings.redaction_allow_headers, rules.allow_headers,
              telemetry::parse_allowed_header
          )}) {
        if (wrong)
            return *wrong;
    }
    return rules;
}

}  // namespace reprise::app
