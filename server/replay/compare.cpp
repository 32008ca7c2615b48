#include "reprise/replay/compare.hpp"

#include "compare_body.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reprise::replay {
namespace {

using telemetry::value_form;

// Say when, by whom and how an answer was made, not what it says.
constexpr std::array<std::string_view, 34> noisy_headers = {
    "age", "alt-svc", "cf-cache-status", "cf-ray", "connection", "content-length", "date", "etag", "expires",
    "keep-alive", "last-modified", "nel", "ratelimit-remaining", "ratelimit-reset", "report-to", "request-id", "server",
    "server-timing", "traceparent", "tracestate", "transfer-encoding", "via", "x-amz-request-id", "x-amzn-requestid",
    "x-amzn-trace-id", "x-cache", "x-correlation-id", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id",
    "x-response-time", "x-runtime", "x-served-by", "x-trace-id"};
constexpr std::array<std::string_view, 4> noisy_families = {"x-b3-", "x-envoy-", "x-amz-cf-", "cdn-"};

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

bool is_noisy(std::string_view name)
{
    return std::find(noisy_headers.begin(), noisy_headers.end(), name) != noisy_headers.end() ||
           std::any_of(noisy_families.begin(), noisy_families.end(), [name](std::string_view family) {
               return name.starts_with(family);
           });
}

bool is_digits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Takes the next part of "body/items/*/id" or "header.x-build".
std::string_view take_part(std::string_view& path)
{
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return part;
}

// What is below a pattern is meant, too.
bool is_covered(std::string_view path, std::string_view pattern)
{
    while (!pattern.empty()) {
        const bool more = !path.empty();
        const std::string_view wanted = take_part(pattern);
        const std::string_view part = take_part(path);
        if (!more || (wanted != "*" && wanted != part))
            return false;
    }
    return true;
}

// Headers by name; those that come several times in their order. A cookie is a header of its own.
std::map<std::string, std::vector<std::string_view>> headers_by_name(const model::header_list& headers)
{
    std::map<std::string, std::vector<std::string_view>> out;
    for (const auto& [name, value] : headers) {
        std::string key = lowered(name);
        std::string_view said = value;
        if (key == "set-cookie") {
            const std::size_t sign = std::min(said.find('='), said.size());
            key += "." + std::string(said.substr(0, sign));
            said = said.substr(std::min(sign + 1, said.size()));
        }
        out[std::move(key)].push_back(said);
    }
    return out;
}

std::string joined(const std::vector<std::string_view>& values)
{
    std::string out;
    for (const std::string_view value : values)
        out.append(out.empty() ? "" : ", ").append(value);
    return out;
}

std::string_view why_noisy(std::string_view name, difference_kind kind)
{
    if (is_noisy(name))
        return "a header that differs by its nature";
    return name.starts_with("set-cookie.") && kind == difference_kind::value ? "the value of a cookie" : "";
}

void compare_headers(const model::header_list& left, const model::header_list& right, difference_list& out)
{
    const auto recorded = headers_by_name(left);
    const auto replayed = headers_by_name(right);
    for (const auto& [name, values] : recorded) {
        const auto found = replayed.find(name);
        const std::string path = "header." + name;
        if (found == replayed.end())
            out.add(path, difference_kind::missing, joined(values), {}, why_noisy(name, difference_kind::missing));
        else if (found->second != values)
            out.add(path, difference_kind::value, joined(values), joined(found->second),
                    why_noisy(name, difference_kind::value));
    }
    for (const auto& [name, values] : replayed) {
        if (!recorded.contains(name))
            out.add("header." + name, difference_kind::added, {}, joined(values),
                    why_noisy(name, difference_kind::added));
    }
}

}  // namespace

bool answer_comparison::matches() const noexcept
{
    return left_out == 0 && std::all_of(differences.begin(), differences.end(), [](const difference& one) {
               return one.ignored;
           });
}

std::string difference_list::find_why(const difference& made, std::string_view left) const
{
    for (const std::string& pattern : options_.ignored_fields) {
        if (is_covered(made.path, pattern))
            return "the rule " + pattern;
    }
    if (made.kind != difference_kind::value)
        return {};
    const value_form recorded = telemetry::look_at_value(left, options_.captured.first_ns).form;
    if (recorded == value_form::token)
        return "redacted in the recording";
    const bool has_interval = options_.captured.last_ns != 0;
    if (has_interval && made.cause != value_form::plain && telemetry::is_volatile(left, options_.captured))
        return "made during the capture (" + std::string(telemetry::to_text(made.cause)) + ")";
    return {};
}

void difference_list::add(
    std::string path, difference_kind kind, std::string_view left, std::string_view right, std::string_view why
)
{
    if (made_.differences.size() == answer_differences_max) {
        ++made_.left_out;
        return;
    }
    difference made{std::move(path), kind, {}, {}, value_form::plain, false, std::string(why)};
    made.left = telemetry::shown_text(left, difference_text_bytes_max);
    made.right = telemetry::shown_text(right, difference_text_bytes_max);
    if (kind == difference_kind::value)
        made.cause = telemetry::find_drift_cause(left, right, options_.captured.first_ns);
    if (made.why.empty())
        made.why = find_why(made, left);
    made.ignored = !made.why.empty();
    made_.differences.push_back(std::move(made));
}

answer_comparison compare_answers(
    const telemetry::answer_parts& left, const telemetry::answer_parts& right, const compare_options& options
)
{
    difference_list out(options);
    if (left.status != right.status)
        out.add("status", difference_kind::value, std::to_string(left.status), std::to_string(right.status));
    compare_headers(left.headers, right.headers, out);
    compare_bodies(left, right, out);
    return out.take();
}

std::string field_of_path(std::string_view path)
{
    if (path.starts_with("body:"))
        return "body:*";
    if (!path.starts_with("body/"))
        return std::string(path);
    std::string out;
    while (!path.empty()) {
        const std::string_view part = take_part(path);
        out += out.empty() ? "" : "/";
        out += is_digits(part) ? "*" : part;
    }
    return out;
}

}  // namespace reprise::replay
