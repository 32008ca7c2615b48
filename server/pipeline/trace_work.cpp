#include "trace_work.hpp"

#include "reprise/detect/settings.hpp"
#include "reprise/lifecycle/fingerprint.hpp"
#include "reprise/telemetry/redact.hpp"
#include "reprise/telemetry/trace_spans.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace reprise::pipeline {
namespace {

constexpr std::size_t evidence_spans_max = 200;               // Of one signal, and ...
constexpr std::size_t evidence_bytes_max = 1024 * 1024;       // ... their bytes.
constexpr std::size_t bare_span_bytes = 400;                  // A span as JSON without its attributes, or less.

// Texts of spans stand in the report: what looks like a secret must not.
void redact_report(model::trace_report& report, std::string_view key)
{
    const auto clean = [key](std::string& text) {
        if (!text.empty())
            text = telemetry::redact_text(text, key);
    };
    clean(report.agent);
    if (report.retried) {
        for (model::retry_sequence& sequence : report.retried->sequences)
            clean(sequence.reason);
    }
    for (model::oversized& one : report.large)
        clean(one.key);
    for (model::trace_finding& finding : report.findings) {
        clean(finding.agent);
        clean(finding.explanation);
        clean(finding.advice.title);
        clean(finding.advice.reason);
        clean(finding.advice.change);
    }
}

}  // namespace

// One trace with what its spans were read from.
struct trace_desk::reading {
    std::shared_ptr<const assembled_trace> raw;
    model::trace trace;
    model::trace_report report;
    // Of raw->spans, by the id of the span that was read, then as they came.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> places;

    reading(assembled_trace arrived, analysed_traces& counts);
    // The raw span that became this one; null when there is none, which cannot be.
    const assembled_span* find_raw(const model::trace_span& span) const;
    std::vector<raw_record> records_for(const model::signal& signal) const;
};

trace_desk::reading::reading(assembled_trace arrived, analysed_traces& counts)
    : raw(std::make_shared<const assembled_trace>(std::move(arrived)))
{
    trace.id = raw->id;
    trace.truncated = raw->truncated;
    trace.texts = raw;
    trace.spans.reserve(raw->spans.size());
    for (std::uint32_t i = 0; i < raw->spans.size(); ++i) {
        const assembled_span& one = raw->spans[i];
        if (telemetry::read_trace_span(raw->span_of(one), raw->service_of(one), trace))
            places.emplace_back(trace.spans.back().id, i);
    }
    counts.spans += raw->spans.size();
    counts.unreadable_spans += raw->spans.size() - trace.spans.size();
    std::sort(places.begin(), places.end());
}

// Texts of a span point into its raw bytes, which tells one of several with the same id.
const assembled_span* trace_desk::reading::find_raw(const model::trace_span& span) const
{
    auto at = std::lower_bound(places.begin(), places.end(), std::pair(span.id, 0U));
    const assembled_span* first = nullptr;
    for (; at != places.end() && at->first == span.id; ++at) {
        const assembled_span& one = raw->spans[at->second];
        const std::string_view bytes = raw->span_of(one);
        first = first == nullptr ? &one : first;
        if (span.name.data() >= bytes.data() && span.name.data() < bytes.data() + bytes.size())
            return &one;
    }
    return first;
}

// The spans of the signal's finding first, then others as they stand.
std::vector<raw_record> trace_desk::reading::records_for(const model::signal& signal) const
{
    std::vector<std::uint32_t> order;
    for (const model::trace_finding& finding : report.findings) {
        if (finding.kind == signal.kind && finding.span < trace.spans.size())
            order.push_back(finding.span);
    }
    const std::size_t leading = order.size();
    for (std::uint32_t i = 0; i < trace.spans.size() && order.size() < evidence_spans_max; ++i) {
        if (std::find(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(leading), i) ==
            order.begin() + static_cast<std::ptrdiff_t>(leading))
            order.push_back(i);
    }
    std::vector<raw_record> records;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const assembled_span* const from = find_raw(trace.spans[order[i]]);
        if (from == nullptr || bytes + from->span_bytes > evidence_bytes_max)
            continue;
        bytes += from->span_bytes;
        const bool shows = i < leading || trace.spans[order[i]].failed;
        const auto role = shows ? model::evidence_role::failing : model::evidence_role::context;
        records.push_back({role, model::source::span, trace.id, std::string(raw->span_of(*from))});
    }
    return records;
}

// In the order of the report, which names them by their place. Attributes go first when there is too much.
std::string trace_desk::write_spans(const reading& one) const
{
    telemetry::span_writing how{config_.redaction_key, config_.redaction_rules, one.report.started_ns};
    std::string text = "[";
    std::size_t left = one.trace.spans.size();
    for (const model::trace_span& span : one.trace.spans) {
        const assembled_span* const from = one.find_raw(span);
        const std::string_view bytes = from != nullptr ? one.raw->span_of(*from) : std::string_view();
        how.with_attributes = text.size() + left * bare_span_bytes < store::trace_text_bytes_max;
        std::string json = boost::json::serialize(telemetry::span_to_json(bytes, span, how));
        if (how.with_attributes && text.size() + json.size() + left * bare_span_bytes > store::trace_text_bytes_max) {
            how.with_attributes = false;
            json = boost::json::serialize(telemetry::span_to_json(bytes, span, how));
        }
        if (text.size() + json.size() + 2 > store::trace_text_bytes_max)
            break;
        text += text.size() > 1 ? "," : "";
        text += json;
        --left;
    }
    return text + "]";
}

// Not of a kind that is off for its service.
bool trace_desk::is_wanted(const model::signal& signal) const
{
    if (detection_ == nullptr)
        return true;
    return detect::is_raised(signal.kind, detect::with_settings({}, detection_->find(signal.operation.service)));
}

void trace_desk::finish(reading& one, std::int64_t now_ns, analysed_traces& out)
{
    analysed_trace made;
    made.kept.summary = detect::summarise(one.trace, one.report);
    model::trace_summary& summary = made.kept.summary;
    // Made from the spans' own texts.
    if (!summary.figures.straggler.empty())
        summary.figures.straggler = telemetry::redact_text(summary.figures.straggler, config_.redaction_key);
    for (model::signal& signal : series_.add(one.trace, one.report, summary)) {
        if (!is_wanted(signal))
            continue;
        // Members that were slow in several traces are named by the spans' own texts.
        signal.explanation = telemetry::redact_text(signal.explanation, config_.redaction_key);
        signal.message = telemetry::redact_text(signal.message, config_.redaction_key);
        signal.fingerprint = lifecycle::fingerprint(signal);
        auto records = one.records_for(signal);
        made.found.push_back({std::move(signal), std::move(records)});
    }
    const trace_choice choice = chooser_.choose(summary, now_ns);
    made.keeps_row = choice.row;
    out.rows_left_out += choice.row ? 0U : 1U;
    if (choice.spans) {
        made.kept.report = boost::json::serialize(model::to_json(one.report));
        made.kept.spans = write_spans(one);
        summary.has_spans = made.kept.report.size() <= store::trace_text_bytes_max;
        if (!summary.has_spans)
            made.kept.report = made.kept.spans = {};
    }
    if (made.keeps_row || !made.found.empty())
        out.traces.push_back(std::move(made));
}

analysed_traces trace_desk::analyse(std::vector<assembled_trace> traces, std::int64_t now_ns)
{
    analysed_traces out;
    std::vector<std::unique_ptr<reading>> read;
    for (assembled_trace& arrived : traces) {
        auto one = std::make_unique<reading>(std::move(arrived), out);
        if (one->trace.spans.empty())
            continue;
        one->report = detect::analyse_trace(one->trace);
        const std::size_t root = one->report.root < one->trace.spans.size() ? one->report.root : 0;
        // As the windows count it: normalised from all that the span says.
        const model::trace_span& span = one->trace.spans[root];
        const assembled_span* const from = one->find_raw(span);
        auto operation = from != nullptr ? telemetry::find_span_operation(one->raw->span_of(*from), span.service)
                                         : std::nullopt;
        if (operation)
            one->report.operation = std::move(*operation);
        redact_report(one->report, config_.redaction_key);
        read.push_back(std::move(one));
    }
    // What the series says depends on which traces came, not on how they were put together.
    std::sort(read.begin(), read.end(), [](const auto& a, const auto& b) {
        const auto key = [](const reading& of) {
            return std::tuple(of.report.started_ns, of.trace.id.high, of.trace.id.low);
        };
        return key(*a) < key(*b);
    });
    for (const auto& one : read)
        finish(*one, now_ns, out);
    return out;
}

}  // namespace reprise::pipeline
