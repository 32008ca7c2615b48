#include "reprise/lifecycle/alarm_rules.hpp"

#include "alarm_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace reprise::lifecycle {
namespace {

using model::incident_status;

constexpr std::size_t described_chars_max = 300;
constexpr std::size_t key_chars_max = 100;
constexpr mask_rules signature_masks{16, true};
constexpr mask_rules key_masks{8, false};

std::string_view told_text(const model::alarm& alarm) noexcept
{
    return first_line(alarm.description).empty() ? std::string_view(alarm.title) : std::string_view(alarm.description);
}

// Three bytes each; sorted, so that two lists are compared in one walk.
std::vector<std::uint32_t> trigrams_of(std::string_view text)
{
    std::vector<std::uint32_t> all;
    if (text.size() < 3)
        return all;
    all.reserve(text.size() - 2);
    const auto byte = [text](std::size_t at) { return std::uint32_t{static_cast<unsigned char>(text[at])}; };
    for (std::size_t i = 0; i + 2 < text.size(); ++i)
        all.push_back(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2));
    std::sort(all.begin(), all.end());
    return all;
}

bool has_text(const std::vector<std::string>& list, const std::string& text)
{
    return !text.empty() && std::find(list.begin(), list.end(), text) != list.end();
}

// The only index for which the condition holds.
template <class Condition>
std::optional<std::size_t> find_only(const std::vector<std::size_t>& indices, Condition holds)
{
    std::optional<std::size_t> only;
    for (const std::size_t index : indices) {
        if (!holds(index))
            continue;
        if (only)
            return std::nullopt;
        only = index;
    }
    return only;
}

// needs_human for these: the work on it came to nothing.
constexpr std::array<std::string_view, 5> failed_reasons = {
    "fix_exhausted", "dod_failed", "eval_failed", "verify_failed", "pr_closed",
};

// "applyDiscount (/app/src/orders.mjs:12:5)" -> function and place.
struct frame_parts {
    std::string_view function;
    std::string_view place;
};

std::string_view trimmed(std::string_view text) noexcept
{
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

frame_parts split_frame(std::string_view line) noexcept
{
    constexpr std::string_view python = "File \"";
    if (line.starts_with(python)) {
        line.remove_prefix(python.size());
        const auto end = line.find('"');
        const auto in = line.rfind(", in ");
        const std::string_view function = in == std::string_view::npos ? std::string_view() : line.substr(in + 5);
        return {trimmed(function), line.substr(0, end)};
    }
    if (line.starts_with("at "))
        line = trimmed(line.substr(3));
    const auto open = line.rfind('(');
    if (open != std::string_view::npos && line.ends_with(')'))
        return {trimmed(line.substr(0, open)), line.substr(open + 1, line.size() - open - 2)};
    const bool is_place = line.find('/') != std::string_view::npos && line.find(' ') == std::string_view::npos;
    return is_place ? frame_parts{{}, line} : frame_parts{line, {}};
}

// Path, ":line:column" and "?query" go.
std::string_view file_of(std::string_view place) noexcept
{
    place = place.substr(0, place.find_first_of("?#"));
    const auto slash = place.find_last_of("/\\");
    if (slash != std::string_view::npos)
        place.remove_prefix(slash + 1);
    return place.substr(0, place.find(':'));
}

// "main.3f9ac2d1.js" -> "main.js".
std::string without_build_hash(std::string_view file)
{
    std::string out;
    while (!file.empty()) {
        const std::size_t end = std::min(file.find_first_of(".-"), file.size());
        const std::string_view part = file.substr(0, end);
        const bool is_hash = !out.empty() && mask_varying(part, key_masks) == std::string(1, mask_mark);
        if (!is_hash)
            out += part;
        else if (out.ends_with('.') || out.ends_with('-'))
            out.pop_back();
        if (end < file.size())
            out += file[end];
        file.remove_prefix(std::min(end + 1, file.size()));
    }
    return out;
}

}  // namespace

std::string content_signature(const model::alarm& alarm)
{
    const std::string masked = collapse_space(mask_varying(first_line(told_text(alarm)), signature_masks));
    return lower_ascii(alarm.service) + "|" + upper_ascii(alarm.error_type) + "|" +
           std::string(first_chars(masked, signature_chars_max));
}

bool is_error_event(const model::alarm& alarm) noexcept
{
    const bool from_logs = alarm.source.starts_with("poll/") || alarm.source == "api" || alarm.source == "sentry";
    return from_logs || !alarm.frames.empty() || !alarm.route.empty() || alarm.status_code.has_value();
}

model::severity severity_of(const model::alarm& alarm) noexcept
{
    if (alarm.severity)
        return *alarm.severity;
    const bool is_client_error = alarm.status_code && *alarm.status_code >= 400 && *alarm.status_code < 500;
    return is_client_error ? model::severity::low : model::severity::medium;
}

bool is_stale(const model::alarm& alarm, std::int64_t now_ns, std::int64_t stale_after_ns) noexcept
{
    return alarm.occurred_ns > 0 && alarm.occurred_ns < now_ns - stale_after_ns;
}

std::string normalise_frame(std::string_view line)
{
    const frame_parts parts = split_frame(trimmed(line));
    std::string text = collapse_space(parts.function);
    const std::string file = without_build_hash(file_of(parts.place));
    if (!file.empty())
        text += (text.empty() ? "" : " ") + file;
    return text;
}

std::string mask_numbers(std::string_view text)
{
    return collapse_space(mask_varying(first_line(text), signature_masks));
}

std::string dedup_description(std::string_view description)
{
    const std::string collapsed = collapse_space(first_chars(description, described_chars_max));
    return mask_varying(first_chars(collapsed, key_chars_max), key_masks);
}

std::string likeness_text(const model::alarm& alarm)
{
    const std::string told = collapse_space(first_chars(told_text(alarm), described_chars_max));
    return lower_ascii(alarm.error_type + " " + mask_varying(told, signature_masks));
}

double likeness(std::string_view a, std::string_view b)
{
    const auto left = trigrams_of(a);
    const auto right = trigrams_of(b);
    if (left.empty() || right.empty())
        return a == b && !a.empty() ? 1.0 : 0.0;
    std::vector<std::uint32_t> shared;
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(shared));
    return 2.0 * static_cast<double>(shared.size()) / static_cast<double>(left.size() + right.size());
}

bool may_block_by_likeness(std::string_view a, std::string_view b, double score)
{
    return score >= likeness_block && std::min(a.size(), b.size()) >= likeness_trigrams_min + 2;
}

bool blocks_new_alarms(const model::incident& incident, bool resolved_by_merge) noexcept
{
    switch (incident.status) {
    case incident_status::rejected:
    case incident_status::noise:
    case incident_status::duplicate:
    case incident_status::wontfix: return false;
    case incident_status::resolved: return resolved_by_merge;
    case incident_status::needs_human:
        return std::find(failed_reasons.begin(), failed_reasons.end(), incident.reason) == failed_reasons.end();
    default: return true;
    }
}

std::optional<std::size_t> find_alarm_scope(const alarm_sight& sight, std::span<const alarm_scope> scopes)
{
    std::vector<std::size_t> near;
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        const bool overlaps = sight.at_ns >= scopes[i].first_seen_ns - alarm_leads_ns &&
                              sight.at_ns <= scopes[i].last_seen_ns + alarm_trails_ns;
        if (overlaps)
            near.push_back(i);
    }
    if (const auto by_message = find_only(near, [&](auto i) { return has_text(scopes[i].messages, sight.message); }))
        return by_message;
    if (!sight.route.empty())
        return find_only(near, [&](auto i) { return has_text(scopes[i].routes, sight.route); });
    return near.size() == 1 ? std::optional(near.front()) : std::nullopt;
}

bool overlaps_alarm(
    std::int64_t window_start_ns, std::int64_t window_end_ns, const model::incident& incident
) noexcept
{
    return incident.last_seen_ns >= window_start_ns - alarm_leads_ns &&
           incident.first_seen_ns <= window_end_ns + alarm_trails_ns;
}

}  // namespace reprise::lifecycle
