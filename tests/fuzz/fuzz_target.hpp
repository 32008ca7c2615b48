#pragma once

#include <span>
#include <string_view>

// What libFuzzer drives and what the corpus test repeats: a function over one input. It returns when
// everything held and throws broken_property (or crashes) when something did not.
namespace reprise::fuzz {

using target = void (*)(std::string_view input);

void otlp_logs(std::string_view input);    // ExportLogsServiceRequest.
void otlp_spans(std::string_view input);   // ExportTraceServiceRequest.
void otlp_metrics(std::string_view input);  // ExportMetricsServiceRequest.
void otlp_json(std::string_view input);    // The same three as JSON.
void exchange_text(std::string_view input);  // RRPairs as JSON and Markdown.
void normalise(std::string_view input);    // Routes, statements, messages.
void redact(std::string_view input);       // Two bytes choose the secret and its place; the rest surrounds it.
void inflate(std::string_view input);      // gzip; anything else is packed first.
void address(std::string_view input);      // URLs, target lists, percent escapes, times.
void configuration(std::string_view input);  // YAML.
void object_answer(std::string_view input);  // XML of an object store.
void log_line(std::string_view input);     // A log store's answer, or one line.
void body_fields(std::string_view input);  // A byte for the content type, the new value, a zero byte, a body.
void hook_content(std::string_view input);  // A byte for the source, one for the kind, a body.
void trace_span(std::string_view input);   // A raw Span.

struct named_target {
    std::string_view name;
    target run;
};

constexpr named_target targets[] = {
    {"address", address},
    {"body_fields", body_fields},
    {"configuration", configuration},
    {"exchange_text", exchange_text},
    {"hook_content", hook_content},
    {"inflate", inflate},
    {"log_line", log_line},
    {"normalise", normalise},
    {"object_answer", object_answer},
    {"otlp_json", otlp_json},
    {"otlp_logs", otlp_logs},
    {"otlp_metrics", otlp_metrics},
    {"otlp_spans", otlp_spans},
    {"redact", redact},
    {"trace_span", trace_span},
};

}  // namespace reprise::fuzz
