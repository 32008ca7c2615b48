#pragma once

#include "reprise/model/alarm.hpp"
#include "reprise/model/incident.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What an alarm says about itself, and when two are about the same. Pure functions over text that is hostile: each
// reads at most a named number of characters. docs/alarms.md has the rules for people.
namespace reprise::lifecycle {

// ------------------------------------------------------------------------------------ what one alarm is

constexpr std::size_t signature_chars_max = 200;

// Service in lower case | error type in upper case | the first line of the description (of the title when there is
// none) with UUIDs, hex runs of 16 digits and more, ISO times and bare numbers replaced by '#', white space
// collapsed, cut to signature_chars_max characters.
std::string content_signature(const model::alarm& alarm);

struct handling {
    model::handling_class value = model::handling_class::unknown;
    std::string text;  // The line that decided; empty for unknown.
};

// uncaught: a crash marker (traceback, uncaught, unhandled, fatal error, process exited, segmentation fault, core
// dumped, panic:), or two stack frames. caught: a marker of an error that was dealt with, or a line of level ERROR
// or WARN without frames. Else unknown.
handling find_handling(const model::alarm& alarm);

// A logged error or a failed request, as opposed to an alert about a measure: it has frames, a route or a status
// code, or comes from a log store or by hand ("poll/...", "api", "sentry").
bool is_error_event(const model::alarm& alarm) noexcept;

// As the source says; else low for a 4xx, medium for everything else: one alarm alone is never high.
model::severity severity_of(const model::alarm& alarm) noexcept;

// An event whose source says when it was. Events of the future are not stale.
bool is_stale(const model::alarm& alarm, std::int64_t now_ns, std::int64_t stale_after_ns) noexcept;

// Function and file of one stack line, without path, line, column and build hash:
// "    at applyDiscount (/app/src/orders.mjs:12:5)" -> "applyDiscount orders.mjs".
std::string normalise_frame(std::string_view line);

// For the title of an alert, which names the problem but may hold its numbers: numbers and ids masked with '#'.
std::string mask_numbers(std::string_view text);

// ------------------------------------------------------------------------------------ when two are the same

// The first 300 characters, white space collapsed, cut to 100, hex runs of 8 digits and more and number tokens
// replaced by '#'. Empty: equal to no other.
std::string dedup_description(std::string_view description);

// Error type and the first 300 characters of the description (the title when there is none), masked, in lower case.
std::string likeness_text(const model::alarm& alarm);

constexpr double likeness_block = 0.80;  // The same problem, if the incident blocks.
constexpr double likeness_hint = 0.50;   // Worth a look.
constexpr std::size_t likeness_trigrams_min = 12;  // Shorter texts are alike by chance: a hint at most.

// Shared trigrams of both (Dice's coefficient over multisets), 0 to 1. The same on every machine.
double likeness(std::string_view a, std::string_view b);
// Whether a likeness of these texts may block.
bool may_block_by_likeness(std::string_view a, std::string_view b, double score);

// Whether a live incident with an equal key stands for a new alarm: while somebody or something works on it, and
// when a merged change resolved it. Not when it was given up: rejected, noise, duplicate, wontfix, resolved by hand,
// a fix that failed its verification, or a pull request closed without a merge.
bool blocks_new_alarms(const model::incident& incident, bool resolved_by_merge) noexcept;

// ------------------------------------------------------------------------------------ alarms and signals

constexpr std::int64_t alarm_leads_ns = 2LL * 60 * 1'000'000'000;    // An alarm may be this much earlier,
constexpr std::int64_t alarm_trails_ns = 10LL * 60 * 1'000'000'000;  // or later, than what was measured.

// What of an open incident decides whether an alarm is about it.
struct alarm_scope {
    std::int64_t first_seen_ns = 0;
    std::int64_t last_seen_ns = 0;
    std::vector<std::string> routes;    // Templates of its signals, without method.
    std::vector<std::string> messages;  // Normalised.
};

struct alarm_sight {
    std::int64_t at_ns = 0;
    std::string route;    // Normalised, without method; empty when the alarm names none.
    std::string message;  // Normalised.
};

// The one incident of the alarm's service that it joins, or nothing. Its time must overlap. An alarm that names a
// route joins the incident with that route; one whose message an incident's signal has joins that; one that names
// neither joins only when a single incident is open at the time. In doubt it stays alone.
std::optional<std::size_t> find_alarm_scope(const alarm_sight& sight, std::span<const alarm_scope> scopes);

// Whether a signal's window and an incident that only alarms told of overlap.
bool overlaps_alarm(
    std::int64_t window_start_ns, std::int64_t window_end_ns, const model::incident& incident
) noexcept;

}  // namespace reprise::lifecycle
