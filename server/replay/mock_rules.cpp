#include "mock_rules.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/telemetry/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <unordered_map>

namespace reprise::replay {
namespace {

// What the redaction calls credentials; what else it takes out identifies people, and is compared.
constexpr std::array<std::string_view, 10> credential_types = {
    "password", "secret", "key", "token", "auth", "session", "cookie", "jwt", "pem", "login",
};

void add(match_key& to, const match_key& what)
{
    to.high += what.high;
    to.low += what.low;
}

match_key hash_field(std::string_view name, std::string_view value)
{
    return {hash64(value, hash64(name, 0x5bd1)), hash64(value, hash64(name, 0x27d4))};
}

bool covers(std::string_view rule, std::string_view pattern)
{
    return pattern.starts_with(rule) &&
           (pattern.size() == rule.size() || pattern[rule.size()] == '/' || pattern[rule.size()] == '.' ||
            pattern[rule.size()] == '#');
}

// The type of the first "<type:8 hex digits" in the text: what redaction leaves behind.
std::optional<std::string_view> find_token_type(std::string_view text)
{
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        const std::string_view rest = text.substr(at + 1);
        const std::size_t colon = rest.find(':');
        if (colon == 0 || colon > 16)
            continue;
        const std::string_view digest = rest.substr(colon + 1, 8);
        const bool is_hex = digest.size() == 8 && std::all_of(digest.begin(), digest.end(), [](unsigned char c) {
            return std::isxdigit(c) != 0;
        });
        if (is_hex)
            return rest.substr(0, colon);
    }
    return std::nullopt;
}

// "request.body.user.emails[]" as the pattern of a field: "body/user/emails/*". Empty for other parts.
std::string pattern_of_place(std::string_view place)
{
    constexpr std::string_view request = "request.";
    if (!place.starts_with(request))
        return {};
    place.remove_prefix(request.size());
    if (!place.starts_with("body."))
        return std::string(place);
    std::string out;
    for (std::size_t i = 0; i < place.size(); ++i) {
        if (place[i] == '.') {
            out += '/';
        } else if (place.substr(i, 2) == "[]") {
            out += "/*";
            ++i;
        } else {
            out += place[i];
        }
    }
    return out;
}

bool is_credential(std::string_view type)
{
    return std::find(credential_types.begin(), credential_types.end(), type) != credential_types.end();
}

ignore_rule make_rule(rule_reason reason, std::string_view cause)
{
    ignore_rule rule;
    rule.reason = reason;
    rule.cause = cause;
    return rule;
}

// A field's name and, for each call that has it, which call and value.
using field_values = std::map<std::string, std::vector<std::pair<std::size_t, std::string_view>>>;

field_values list_values(std::span<const recorded_call> calls)
{
    field_values values;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        for (const match_field& field : calls[i].request->fields)
            values[field_pattern(field.name)].emplace_back(i, field.value);
    }
    return values;
}

// The key of everything but one field.
match_key without(const match_request& request, const endpoint_rules& rules, const std::string& left_out)
{
    match_key key;
    for (const match_field& field : request.fields) {
        const std::string pattern = field_pattern(field.name);
        if (pattern != left_out && !rules.is_ignored(pattern))
            add(key, hash_field(field.name, field.value));
    }
    return key;
}

struct same_but_one {
    std::uint64_t answer = 0;
    std::uint64_t value = 0;
    bool differs = false;        // In the field.
    bool answers_differ = false;
};

// All values of the field in one call, as one number.
std::map<std::size_t, std::uint64_t> value_of_each_call(const field_values::mapped_type& values)
{
    std::map<std::size_t, std::uint64_t> one;
    for (const auto& [call, value] : values)
        one[call] = hash64(value, one[call]);
    return one;
}

// Whether calls that agree in everything else, and differ in this field, have one answer. Failures say nothing: they
// are alike whatever was asked.
bool makes_no_difference(
    std::span<const recorded_call> calls, const endpoint_rules& rules, const std::string& pattern,
    const field_values::mapped_type& values
)
{
    std::unordered_map<std::uint64_t, same_but_one> groups;
    bool any = false;
    for (const auto& [call, value] : value_of_each_call(values)) {
        if (calls[call].status >= 400 || calls[call].status == 0)
            continue;
        const match_key key = without(*calls[call].request, rules, pattern);
        const auto [found, is_new] = groups.try_emplace(key.high ^ key.low);
        same_but_one& group = found->second;
        if (is_new) {
            group.answer = calls[call].answer_hash;
            group.value = value;
            continue;
        }
        group.differs = group.differs || group.value != value;
        group.answers_differ = group.answers_differ || group.answer != calls[call].answer_hash;
        if (group.differs && group.answers_differ)
            return false;
        any = any || group.differs;
    }
    return any;
}

// Every value of the field was made while the traffic was captured.
std::optional<std::string_view> find_made_then(
    const field_values::mapped_type& values, const telemetry::time_interval& captured
)
{
    std::optional<std::string_view> cause;
    for (const auto& [call, value] : values) {
        if (!telemetry::is_volatile(value, captured))
            return std::nullopt;
        cause = telemetry::to_text(telemetry::look_at_value(value, captured.first_ns).form);
    }
    return cause;
}

}  // namespace

void endpoint_rules::add_all(const endpoint_rules& other)
{
    always_.insert(other.always_.begin(), other.always_.end());
    relaxed_.insert(other.relaxed_.begin(), other.relaxed_.end());
}

bool endpoint_rules::is_always_ignored(const std::string& pattern) const
{
    return std::any_of(always_.begin(), always_.end(), [&pattern](const std::string& rule) {
        return covers(rule, pattern);
    });
}

bool endpoint_rules::is_ignored(const std::string& pattern) const
{
    return relaxed_.contains(pattern) || is_always_ignored(pattern);
}

match_keys make_keys(const match_request& request, const endpoint_rules& rules, bool with_host)
{
    match_keys keys;
    keys.exact = hash_field("method", request.method);
    if (with_host && !rules.is_always_ignored("host"))
        add(keys.exact, hash_field("host", request.host));
    else
        add(keys.exact, hash_field("no host", {}));
    keys.relaxed = keys.exact;
    add(keys.relaxed, hash_field("relaxed", {}));
    for (const match_field& field : request.fields) {
        const std::string pattern = field_pattern(field.name);
        if (rules.is_always_ignored(pattern))
            continue;
        const match_key hash = hash_field(field.name, field.value);
        add(keys.exact, hash);
        if (!rules.is_ignored(pattern))
            add(keys.relaxed, hash);
    }
    return keys;
}

request_secrets find_secrets(
    const model::exchange& recorded, const match_request& request, const mock_options& options
)
{
    request_secrets secrets;
    auto& found = secrets.fields;
    for (const std::string& place : recorded.redacted_fields) {
        if (std::string pattern = pattern_of_place(place); !pattern.empty() && !pattern.starts_with("header."))
            found.emplace_back(std::move(pattern), make_rule(rule_reason::redacted, {}));
    }
    model::exchange copy;
    copy.operation = recorded.operation;
    copy.method = recorded.method;
    copy.host = recorded.host;
    copy.path = recorded.path;
    copy.request_headers = recorded.request_headers;
    copy.request_body = recorded.request_body;
    telemetry::redact(copy, options.redaction_key);
    std::vector<net::raw_header> headers;
    secrets.name = copy.method + ' ' + copy.host + copy.path;
    secrets.shown = describe_request(parts_of(copy, headers), options.match_headers);
    std::map<std::string_view, std::string_view> values;
    for (const match_field& field : secrets.shown.fields)
        values[field.name] = field.value;
    for (const match_field& field : request.fields) {
        if (const auto type = find_token_type(field.value)) {
            found.emplace_back(field_pattern(field.name), make_rule(rule_reason::redacted, *type));
            continue;
        }
        const auto now = values.find(field.name);
        if (now == values.end() || now->second == field.value)
            continue;
        const auto type = find_token_type(now->second);
        // A number under a secret name becomes nines, not a token.
        if (!type || is_credential(*type))
            found.emplace_back(field_pattern(field.name), make_rule(rule_reason::secret, type.value_or("number")));
    }
    return secrets;
}

endpoint_rules make_rules(
    std::span<const recorded_call> calls, const std::string& endpoint, const mock_options& options,
    const telemetry::time_interval& captured, std::vector<ignore_rule>& told
)
{
    endpoint_rules rules;
    const auto tell = [&](const std::string& field, ignore_rule rule) {
        rule.endpoint = endpoint;
        rule.field = field;
        told.push_back(std::move(rule));
    };
    for (const std::string& field : options.ignore)
        rules.add_always(field);
    for (const recorded_call& call : calls) {
        for (const auto& [pattern, rule] : call.secrets) {
            if (rules.is_always_ignored(pattern))
                continue;
            rules.add_always(pattern);
            tell(pattern, rule);
        }
    }
    if (options.strict)
        return rules;
    const field_values values = list_values(calls);
    for (const auto& [pattern, seen] : values) {
        const auto cause = rules.is_ignored(pattern) ? std::nullopt : find_made_then(seen, captured);
        if (!cause)
            continue;
        rules.add_relaxed(pattern);
        tell(pattern, make_rule(rule_reason::made_then, *cause));
    }
    for (const auto& [pattern, seen] : values) {
        // A path names what is asked for, even where two of them are answered alike.
        if (pattern.starts_with("path/") || rules.is_ignored(pattern) ||
            !makes_no_difference(calls, rules, pattern, seen))
            continue;
        rules.add_relaxed(pattern);
        const auto form = telemetry::find_drift_cause(seen.front().second, seen.back().second, captured.first_ns);
        tell(pattern, make_rule(rule_reason::no_difference, telemetry::to_text(form)));
    }
    return rules;
}

}  // namespace reprise::replay
