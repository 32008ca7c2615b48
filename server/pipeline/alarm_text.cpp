#include "alarm_text.hpp"

#include "reprise/base/hash.hpp"
#include "reprise/base/id.hpp"
#include "reprise/lifecycle/fingerprint.hpp"
#include "reprise/telemetry/normalise.hpp"
#include "reprise/telemetry/redact.hpp"

#include <algorithm>
#include <array>

namespace reprise::pipeline {
namespace {

constexpr std::size_t headline_bytes_max = 300;
constexpr std::size_t explanation_bytes_max = 600;

// At most `bytes_max` bytes, never through a character; control characters become blanks.
std::string clean(std::string_view text, std::size_t bytes_max)
{
    std::size_t size = std::min(text.size(), bytes_max);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    std::string out(text.substr(0, size));
    std::replace_if(
        out.begin(), out.end(),
        [](char one) { return (static_cast<unsigned char>(one) < 0x20 && one != '\n' && one != '\t') || one == 0x7f; },
        ' '
    );
    return out;
}

std::string safe(std::string_view text, std::size_t bytes_max, std::string_view redaction_key)
{
    // A token may be longer than what it stands for.
    return clean(telemetry::redact_text(clean(text, bytes_max), redaction_key), bytes_max);
}

std::string_view first_line(std::string_view text)
{
    const auto begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_first_of("\r\n"));
}

// "TypeError", "TypeError: ...".
bool names_an_error(std::string_view text)
{
    constexpr std::array<std::string_view, 4> endings = {"Error", "Exception", "Fault", "Warning"};
    const std::string_view word = text.substr(0, text.find_first_of(": \t"));
    return std::any_of(endings.begin(), endings.end(), [word](auto ending) { return word.ends_with(ending); });
}

// As a signal would have it: the error's name, then what it says.
std::string error_message(const model::alarm& alarm)
{
    const std::string_view line = first_line(alarm.description.empty() ? alarm.title : alarm.description);
    if (names_an_error(line) || !names_an_error(alarm.error_type))
        return telemetry::normalise_message(line);
    return telemetry::normalise_message(alarm.error_type + ": " + std::string(line));
}

lifecycle::fingerprint_parts parts_of(const model::alarm& alarm)
{
    lifecycle::fingerprint_parts parts;
    parts.service = alarm.service;
    if (!lifecycle::is_error_event(alarm) && !alarm.title.empty()) {
        parts.message = lifecycle::mask_numbers(alarm.title);
        parts.route = alarm.error_type;
        return parts;
    }
    parts.message = error_message(alarm);
    parts.route = route_template(alarm.route);
    for (const std::string& frame : alarm.frames) {
        if (parts.frames.size() == lifecycle::fingerprint_frames_max)
            break;
        parts.frames.push_back(lifecycle::normalise_frame(frame));
    }
    return parts;
}

// A key that is too long keeps being one.
std::string short_key(const std::string& key)
{
    return key.size() > model::alarm_name_bytes_max ? sha256_hex(key) : clean(key, key.size());
}

// Cut, in the shape the rules work on; not yet redacted.
model::alarm cut_alarm(const model::alarm& alarm, std::int64_t now_ns)
{
    model::alarm cut;
    cut.id = alarm.id.empty() ? make_ulid(now_ns) : alarm.id;
    cut.source = clean(alarm.source, model::alarm_name_bytes_max);
    cut.event_key = short_key(alarm.event_key);
    cut.group_key = short_key(alarm.group_key);
    cut.state = alarm.state;
    cut.service = clean(alarm.service.empty() ? "unknown" : alarm.service, model::alarm_name_bytes_max);
    cut.error_type = clean(alarm.error_type, model::alarm_name_bytes_max);
    cut.title = clean(alarm.title, model::alarm_name_bytes_max);
    cut.description = clean(alarm.description, model::alarm_text_bytes_max);
    cut.route = clean(alarm.route, model::alarm_name_bytes_max);
    const std::size_t frames = std::min(alarm.frames.size(), model::alarm_frames_max);
    for (std::size_t i = 0; i < frames; ++i)
        cut.frames.push_back(clean(alarm.frames[i], model::alarm_name_bytes_max));
    cut.status_code = alarm.status_code;
    cut.severity = alarm.severity;
    cut.resource = clean(alarm.resource, model::alarm_name_bytes_max);
    if (alarm.link.starts_with("https://") && alarm.link.size() <= model::alarm_name_bytes_max)
        cut.link = clean(alarm.link, model::alarm_name_bytes_max);
    const std::size_t labels = std::min(alarm.labels.size(), model::alarm_labels_max);
    for (std::size_t i = 0; i < labels; ++i) {
        const auto& [name, value] = alarm.labels[i];
        cut.labels.emplace_back(clean(name, model::alarm_name_bytes_max), clean(value, model::alarm_name_bytes_max));
    }
    cut.received_ns = alarm.received_ns > 0 ? alarm.received_ns : now_ns;
    cut.occurred_ns = alarm.occurred_ns;
    return cut;
}

void redact_alarm(model::alarm& alarm, std::string_view key)
{
    alarm.title = safe(alarm.title, model::alarm_name_bytes_max, key);
    alarm.description = safe(alarm.description, model::alarm_text_bytes_max, key);
    alarm.route = safe(alarm.route, model::alarm_name_bytes_max, key);
    for (std::string& frame : alarm.frames)
        frame = safe(frame, model::alarm_name_bytes_max, key);
    alarm.resource = safe(alarm.resource, model::alarm_name_bytes_max, key);
    alarm.link = safe(alarm.link, model::alarm_name_bytes_max, key);
    for (auto& [name, value] : alarm.labels) {
        // "password=hunter2" is a secret by its name.
        const std::string pair = name + "=";
        const std::string both = telemetry::redact_text(pair + value, key);
        value = both.starts_with(pair) ? both.substr(pair.size()) : telemetry::redact_text(value, key);
    }
}

void derive_from_text(told_alarm& told)
{
    const model::alarm& alarm = told.row.alarm;
    told.description_key = lifecycle::dedup_description(alarm.description);
    told.likeness_text = lifecycle::likeness_text(alarm);
}

lifecycle::alarm_sight sight_of(const model::alarm& alarm)
{
    lifecycle::alarm_sight sight;
    // A clock that runs ahead says nothing about the time after now.
    const bool known = alarm.occurred_ns > 0 && alarm.occurred_ns <= alarm.received_ns;
    sight.at_ns = known ? alarm.occurred_ns : alarm.received_ns;
    sight.route = route_template(alarm.route);
    if (lifecycle::is_error_event(alarm))
        sight.message = error_message(alarm);
    return sight;
}

}  // namespace

std::string route_template(std::string_view route)
{
    const auto blank = route.find(' ');
    const bool has_method = blank != std::string_view::npos && route.substr(blank + 1).starts_with('/');
    if (has_method)
        route.remove_prefix(blank + 1);
    return route.empty() ? std::string() : telemetry::normalise_route(route);
}

told_alarm describe_alarm(const model::alarm& alarm, std::string_view redaction_key, std::int64_t now_ns)
{
    told_alarm told;
    told.row.alarm = cut_alarm(alarm, now_ns);
    model::alarm& kept = told.row.alarm;
    told.row.fingerprint = lifecycle::fingerprint(parts_of(kept));
    told.sight = sight_of(kept);
    redact_alarm(kept, redaction_key);
    told.row.signature = lifecycle::content_signature(kept);
    auto handling = lifecycle::find_handling(kept);
    told.row.handling = handling.value;
    told.row.handling_text = std::move(handling.text);
    derive_from_text(told);
    return told;
}

told_alarm recall_alarm(store::stored_alarm row)
{
    told_alarm told;
    told.row = std::move(row);
    told.sight = sight_of(told.row.alarm);
    derive_from_text(told);
    return told;
}

std::string explanation_of(const model::alarm& alarm)
{
    const std::string_view line = first_line(alarm.description);
    return line.empty() ? headline(alarm) : clean(line, explanation_bytes_max);
}

std::string headline(const model::alarm& alarm)
{
    if (!alarm.title.empty())
        return clean(first_line(alarm.title), headline_bytes_max);
    const std::string line(first_line(alarm.description));
    const std::string& error = alarm.error_type;
    if (error.empty() || line.starts_with(error))
        return clean(line.empty() ? "Alarm of " + alarm.service : line, headline_bytes_max);
    return clean(line.empty() ? error + " in " + alarm.service : error + ": " + line, headline_bytes_max);
}

}  // namespace reprise::pipeline
