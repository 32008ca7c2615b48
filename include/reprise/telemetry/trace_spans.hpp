#pragma once

#include "reprise/model/operation.hpp"
#include "reprise/model/trace.hpp"
#include "reprise/telemetry/redact_rules.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Raw OTLP Spans as the analyses of traces want them, and as they are kept for people. Pure, any thread; reading
// costs about 0.3 us per span. Several vocabularies are understood, one at a time or mixed: docs/traces.md has the
// table. An attribute of a type that makes no sense is taken for one that was not sent.
namespace reprise::telemetry {

constexpr std::size_t span_tokens_max = 128;         // `token` events of one span that are read.
constexpr std::size_t span_name_bytes_max = 256;     // Names of spans, agents, tools: cut.
constexpr std::size_t span_message_bytes_max = 1024; // Of an error: cut.

// Adds what a raw Span says to `into`: one span, and the times of its tokens. Its texts point into `span` and
// `service`. False, and nothing is added, when it cannot be read or says no ids or times.
bool read_trace_span(std::string_view span, std::string_view service, model::trace& into);

// What the windows count this span under.
std::optional<model::operation_key> find_span_operation(std::string_view span, std::string_view service);

struct span_json_limits {
    std::size_t attributes_max = 64;           // Of a span, of an event; further ones are counted.
    std::size_t events_max = 32;               // `token` events are left out: the report has their times.
    std::size_t value_bytes_max = 256;         // Longer values are cut.
    std::size_t redacted_bytes_max = 4 * 1024; // So much of a value is looked at.
};

// How a span is written for keeping.
struct span_writing {
    std::string_view key;                      // Of the redaction.
    const redaction_rules& rules;
    std::int64_t trace_start_ns = 0;           // Times in the JSON count from here.
    bool with_attributes = true;               // Else the attributes and events are left out and "cut" says so.
    span_json_limits limits = {};
};

// docs/formats/trace.md. `read` is what read_trace_span made of `span`. Secrets and personal data are replaced before
// anything is cut.
boost::json::object span_to_json(std::string_view span, const model::trace_span& read, const span_writing& how);

}  // namespace reprise::telemetry
