#pragma once

#include "reprise/base/error.hpp"
#include "reprise/model/alarm.hpp"
#include "reprise/model/evidence.hpp"
#include "reprise/model/incident.hpp"
#include "reprise/model/run.hpp"
#include "reprise/model/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The text of a ticket and what people release. Pure functions. Captured traffic is hostile text here:
// it is escaped, cut, and never becomes Markdown, HTML or a link of its own.
namespace reprise::forge {

constexpr std::size_t title_bytes_max = 200;
constexpr std::size_t body_bytes_max = 60'000;   // Trackers refuse more than 64 KiB.
constexpr std::size_t quote_bytes_max = 2'000;   // One piece of captured text.
constexpr std::size_t curl_bytes_max = 8'000;

struct ticket_source {
    model::incident incident;
    model::signal signal;                     // The leading one.
    std::vector<model::alarm> alarms;         // What alarms told of it, newest first; the first two are quoted.
    std::optional<model::evidence> evidence;
    std::string run_id;
    std::string result_json;                  // RunResult of web/src/api/types.ts; empty: not replayed.
    std::string curl;                         // Reproducer; empty when there is none.
    std::string public_url;                   // "http://127.0.0.1:4380"; empty: no links.
    model::risk risk = model::risk::low;
    std::vector<std::string> risk_reasons;
};

struct ticket {
    std::string title;  // One line, plain text.
    std::string body;   // Markdown.
};

// Symptom, numbers with their base, verdict with the trials, method, reproducer, evidence, links.
// invalid_argument when result_json is no RunResult.
result<ticket> draft_ticket(const ticket_source& source);

// The object whose SHA-256 is approved, as canonical JSON: action, target, title, body, evidence (id,
// sha256, path), incident, generation, run, risk, risk_reasons. `target` as the sink names it.
std::string ticket_content(const ticket_source& source, const ticket& draft, std::string_view target);

// The way back, when the approved content is carried out: what will be written is what was released.
struct released_ticket {
    std::string target;
    std::string incident_id;
    std::int64_t generation = 1;
    ticket text;
    std::string content_hash;  // Of the content it was read from.
};

// corrupt when it is not the content of a ticket.
result<released_ticket> parse_ticket_content(std::string_view content);

// "<incident>-g<generation>": one effect per incident and generation.
std::string ticket_key(std::string_view incident_id, std::int64_t generation);

}  // namespace reprise::forge
