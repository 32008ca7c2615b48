#include "reprise/telemetry/snapshot_format.hpp"

#include "json_cursor.hpp"

#include <array>
#include <utility>

namespace reprise::telemetry {
namespace {

constexpr std::array<std::pair<snapshot_format, std::string_view>, 4> names = {{
    {snapshot_format::rrpair_json, "rrpair-json"},
    {snapshot_format::rrpair_markdown, "rrpair-md"},
    {snapshot_format::har, "har"},
    {snapshot_format::otlp_json, "otlp-json"},
}};

bool is_otlp_list(std::string_view key) noexcept
{
    return key == "resourceLogs" || key == "resourceSpans" || key == "resourceMetrics" || key == "resourceProfiles";
}

// A head that ends in the middle of the object tells by what came before.
snapshot_format detect_object(std::string_view text) noexcept
{
    std::optional<snapshot_format> found;
    json_cursor cursor(text);
    cursor.for_each_member([&](std::string_view key) {
        if (is_otlp_list(key))
            found = snapshot_format::otlp_json;
        else if (key == "log" && cursor.peek() == '{')
            found = snapshot_format::har;
        else if (key == "msgType" || key == "l7protocol")
            found = snapshot_format::rrpair_json;
        if (found)
            cursor.fail("told");
        else
            cursor.take_value();
    });
    return found.value_or(snapshot_format::rrpair_json);
}

}  // namespace

std::string_view to_text(snapshot_format format) noexcept
{
    for (const auto& [one, name] : names) {
        if (one == format)
            return name;
    }
    return {};
}

std::optional<snapshot_format> find_snapshot_format(std::string_view name) noexcept
{
    for (const auto& [one, known] : names) {
        if (known == name)
            return one;
    }
    return std::nullopt;
}

std::optional<snapshot_format> detect_snapshot_format(std::string_view head) noexcept
{
    json_cursor cursor(head);
    if (cursor.peek() == '{')
        return detect_object(head);
    if (head.find("### REQUEST") != std::string_view::npos)
        return snapshot_format::rrpair_markdown;
    return std::nullopt;
}

bool is_not_analysed(std::string_view request) noexcept
{
    bool other = false;
    bool analysed = false;
    json_cursor cursor(request);
    cursor.for_each_member([&](std::string_view key) {
        other |= key == "resourceMetrics" || key == "resourceProfiles";
        analysed |= key == "resourceLogs" || key == "resourceSpans";
        cursor.take_value();
    });
    return !cursor.failed() && other && !analysed;
}

bool is_one_per_line(std::string_view text) noexcept
{
    json_cursor cursor(text);
    const auto value = cursor.take_value();
    if (!value || value->find('\n') != std::string_view::npos)
        return false;
    const std::string_view rest = text.substr(cursor.offset());
    return rest.substr(0, rest.find('\n')).find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace reprise::telemetry
