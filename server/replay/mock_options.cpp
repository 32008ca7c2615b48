#include "reprise/replay/mock_options.hpp"

#include "reprise/base/clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace reprise::replay {
namespace {

constexpr double hour_ns = 3600.0 * ns_per_s;
constexpr double latency_factor_max = 1000;
constexpr std::size_t rule_bytes_max = 1024;
constexpr const char* fault_form =
    "must be like 'GET /x:503@10%': [METHOD ][HOST]/PATH, then a status, delay=250ms, reset, truncate=50%, corrupt or "
    "silence, then how often";

std::optional<double> find_number(std::string_view text)
{
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = ec == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole && std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

// "10%" as 0.1.
std::optional<double> find_share(std::string_view text)
{
    if (!text.ends_with('%'))
        return std::nullopt;
    const auto percent = find_number(text.substr(0, text.size() - 1));
    return percent && *percent <= 100 ? std::optional(*percent / 100) : std::nullopt;
}

refusal bad(std::string reason)
{
    return {errc::bad_rule, std::move(reason)};
}

bool is_method(std::string_view text)
{
    const auto is_capital = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_capital);
}

// False when `text` names no effect.
bool set_effect(std::string_view text, fault_rule& rule)
{
    const std::string_view name = text.substr(0, text.find('='));
    const std::string_view value = name.size() < text.size() ? text.substr(name.size() + 1) : std::string_view();
    if (name == "delay") {
        const auto delay = find_duration_ns(value);
        rule.effect = mock_effect::delay;
        rule.delay_ns = delay.value_or(0);
        return delay.has_value();
    }
    if (name == "truncate") {
        const auto kept = value.empty() ? std::optional(0.5) : find_share(value);
        rule.effect = mock_effect::truncate;
        rule.kept_share = kept.value_or(0);
        return kept && *kept < 1;
    }
    const auto status = find_number(text);
    if (status && text.size() == 3 && *status >= 200 && *status <= 599) {
        rule.status = static_cast<int>(*status);
        return true;
    }
    constexpr std::array plain = {
        std::pair(std::string_view("reset"), mock_effect::reset),
        std::pair(std::string_view("corrupt"), mock_effect::corrupt),
        std::pair(std::string_view("silence"), mock_effect::silence),
    };
    const auto found = std::find_if(plain.begin(), plain.end(), [text](const auto& one) { return one.first == text; });
    if (found == plain.end())
        return false;
    rule.effect = found->second;
    return true;
}

// '*' stands for any text.
bool matches_glob(std::string_view pattern, std::string_view text)
{
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    std::size_t done = 0;
    while (done < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            resume = done;
        } else if (at < pattern.size() && pattern[at] == text[done]) {
            ++at;
            ++done;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            done = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace

std::optional<std::int64_t> find_duration_ns(std::string_view text)
{
    constexpr std::array units = {
        std::pair(std::string_view("ms"), 1e6), std::pair(std::string_view("us"), 1e3),
        std::pair(std::string_view("s"), 1e9),
    };
    for (const auto& [unit, unit_ns] : units) {
        if (!text.ends_with(unit))
            continue;
        const auto number = find_number(text.substr(0, text.size() - unit.size()));
        if (!number || *number * unit_ns > hour_ns)
            return std::nullopt;
        return static_cast<std::int64_t>(*number * unit_ns);
    }
    return std::nullopt;
}

checked<double> parse_latency(std::string_view text)
{
    if (text == "none")
        return 0.0;
    if (text == "recorded")
        return 1.0;
    const auto factor = text.ends_with('x') ? find_number(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!factor || *factor > latency_factor_max)
        return bad("latency '" + std::string(text) + "' must be none, recorded or a factor like 0.5x (at most 1000x)");
    return *factor;
}

checked<fault_rule> parse_fault(std::string_view text)
{
    const std::string quoted = "fault '" + std::string(text.substr(0, rule_bytes_max)) + "' ";
    fault_rule rule;
    rule.text = text;
    if (text.size() > rule_bytes_max)
        return bad(quoted + "is longer than 1024 bytes");
    std::string_view rest = text;
    const std::size_t at = rest.rfind('@');
    if (at != std::string_view::npos && rest.ends_with('%')) {
        const auto share = find_share(rest.substr(at + 1));
        if (!share)
            return bad(quoted + "says how often by a share of 0% to 100%");
        rule.share = *share;
        rest = rest.substr(0, at);
    }
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos)
        return bad(quoted + fault_form);
    if (!set_effect(rest.substr(colon + 1), rule))
        return bad(quoted + "does nothing known: '" + std::string(rest.substr(colon + 1)) + "'; it " + fault_form);
    std::string_view where = rest.substr(0, colon);
    const std::size_t blank = where.find(' ');
    if (blank != std::string_view::npos) {
        const std::string_view method = where.substr(0, blank);
        if (method != "*" && !is_method(method))
            return bad(quoted + "names no method in capitals before the blank");
        rule.method = method == "*" ? std::string_view() : method;
        where.remove_prefix(blank + 1);
    }
    if (where.find(' ') != std::string_view::npos)
        return bad(quoted + fault_form);
    rule.pattern = where.empty() ? std::string_view("*") : where;
    return rule;
}

bool matches(const fault_rule& rule, std::string_view method, std::string_view host, std::string_view path)
{
    if (!rule.method.empty() && rule.method != method)
        return false;
    if (rule.pattern.starts_with('/') || rule.pattern == "*")
        return matches_glob(rule.pattern, path);
    std::string whole(host);
    whole += path;
    return matches_glob(rule.pattern, whole);
}

checked<std::string> parse_field_rule(std::string_view text)
{
    const bool known = text == "host" || text == "body" || text == "query" || text == "path" ||
                       text.starts_with("query.") || text.starts_with("header.") || text.starts_with("body/") ||
                       text.starts_with("path/");
    if (known && text.size() <= rule_bytes_max)
        return std::string(text);
    return bad(
        "field '" + std::string(text.substr(0, 200)) +
        "' must be like query.ts, body/items/*/id, header.accept, path/2, body, query or host"
    );
}

}  // namespace reprise::replay
