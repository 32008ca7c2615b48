#include "fuzz_target.hpp"
#include "require.hpp"

#include "../../server/ingest/log_event.hpp"

#include "reprise/lifecycle/alarm_rules.hpp"

#include <algorithm>

// What a log store answers, the lines in it, and everything that is read out of an alarm's text: bounded, in order,
// and the same however often it is asked.
namespace reprise::fuzz {
namespace {

bool has_newline(std::string_view text)
{
    return text.find('\n') != std::string_view::npos;
}

void check_alarm(const model::alarm& alarm)
{
    require(alarm.frames.size() <= model::alarm_frames_max, "too many frames");
    const std::string signature = lifecycle::content_signature(alarm);
    require(
        signature.size() <= alarm.service.size() + alarm.error_type.size() + 2 + 4 * lifecycle::signature_chars_max,
        "a signature is too long"
    );
    const lifecycle::handling handling = lifecycle::find_handling(alarm);
    require(!has_newline(handling.text), "what decided the handling has many lines");
    require((handling.value == model::handling_class::unknown) == handling.text.empty(), "nothing decided a handling");
    const std::string key = lifecycle::dedup_description(alarm.description);
    require(key.size() <= 400 && !has_newline(key), "a key is too long");
    const std::string text = lifecycle::likeness_text(alarm);
    const double itself = lifecycle::likeness(text, text);
    require(itself == 1.0 || text.empty(), "a text is not like itself");
    const double there = lifecycle::likeness(text, signature);
    require(there == lifecycle::likeness(signature, text), "likeness depends on the order");
    require(there >= 0.0 && there <= 1.0, "likeness is no share");
    for (const std::string& frame : alarm.frames)
        require(!has_newline(lifecycle::normalise_frame(frame)), "a frame has many lines");
}

void check_line(const ingest::log_event& event)
{
    const auto error = ingest::read_logged_error(event, "poll/fuzz");
    if (!error)
        return;
    const auto& known = error->error_class;
    require(known == "client_4xx" || known == "server_5xx" || known == "unhandled_exception", "an unknown class");
    require_same(error->alarm.event_key, event.id, "the event's id is lost");
    check_alarm(error->alarm);
}

}  // namespace

void log_line(std::string_view input)
{
    ingest::log_event event;
    event.at_ns = 1;
    event.id = "id";
    event.line = std::string(input);
    check_line(event);
    model::alarm alarm;
    alarm.description = event.line;
    alarm.frames = {event.line.substr(0, event.line.find('\n'))};
    check_alarm(alarm);

    const auto events = ingest::parse_loki_answer(input);
    if (!events)
        return;
    const auto is_earlier = [](const ingest::log_event& a, const ingest::log_event& b) { return a.at_ns < b.at_ns; };
    require(std::is_sorted(events->begin(), events->end(), is_earlier), "events are out of order");
    for (const ingest::log_event& one : *events) {
        require(one.id.size() == 40 && one.at_ns > 0, "an event without id or time");
        check_line(one);
    }
}

}  // namespace reprise::fuzz
